"""The command-line flags that say which policies, and how they are made; the same in all commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from policies.inference.runtime import COMPILERS, PRECISIONS, PROVIDERS, parse_device
from policies.names.kinds import KINDS
from policies.names.parsing import parse_policies, pin_policies
from policies.names.reference import PolicyReference
from policies.names.shipped import ALL_PUBLISHED, POLICIES
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from scenarios.common import cli
from scenarios.common.errors import InputError

POLICY_HELP = (
    f"one of {', '.join(POLICIES)}; '{ALL_PUBLISHED}' for all published systems; "
    + "; ".join(f"{kind.what} ({kind.example})" for kind in KINDS[1:])
    + "; a quoted pattern such as 'runs/*/checkpoint-*' for several; LABEL= before it names it in the results"
)


def add_policy_flags(add: Callable[..., Any]) -> None:
    """Add the flags that say how the named policies are made.

    Args:
        add: ``add_argument`` of a parser or a group.
    """
    add(
        "--policy-args",
        action="append",
        metavar="[LABEL=]JSON|FILE",
        help="arguments of a class of your own, as JSON or a YAML file; of an ONNX file, its description; with LABEL= "
        "for one of several policies",
    )
    add(
        "--replan",
        type=cli.bounded_int(1, 1000),
        metavar="N",
        help="actions of a chunk to execute before the next inference (default: what the policy declares)",
    )
    add(
        "--trust-pickle",
        action="store_true",
        help="run the pickles in a zip of Stable-Baselines3, which can execute any code, if it needs them",
    )


RUNTIME_FLAGS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {  # field of an InferenceRuntime -> its flag
    "provider": (
        ("--provider",),
        {
            "type": cli.known_name("provider", tuple(PROVIDERS)),
            "metavar": "|".join(PROVIDERS),
            "help": "ONNX Runtime's execution provider, for policies that are ONNX files",
        },
    ),
    "compile": (
        ("--compile",),
        {
            "type": cli.known_name("form", COMPILERS),
            "metavar": "|".join(COMPILERS),
            "help": "run PyTorch networks as they are, with torch.compile, with torch.export or as CUDA graphs",
        },
    ),
    "device": (
        ("--device",),
        {
            "type": parse_device,
            "metavar": "auto|cpu|cuda|cuda:N",
            "help": "device of PyTorch networks; nothing else is taken in its place; 'auto': the GPU if there is one",
        },
    ),
    "precision": (
        ("--precision", "--dtype"),
        {
            "type": cli.known_name("precision", PRECISIONS),
            "metavar": "|".join(PRECISIONS),
            "help": "number format of PyTorch networks: of our systems' backbones, of a policy of your own all",
        },
    ),
}


def add_runtime_flags(add: Callable[..., Any], fields: Sequence[str] = tuple(RUNTIME_FLAGS)) -> None:
    """Add the flags that say what networks run on.

    Args:
        add: ``add_argument`` of a parser or a group.
        fields: The fields of an ``InferenceRuntime`` that the command can set.
    """
    for field in fields:
        names, facts = RUNTIME_FLAGS[field]
        add(*names, default=getattr(DEFAULT_RUNTIME, field), **facts)


def read_runtime_flags(options: argparse.Namespace) -> InferenceRuntime:
    """Return the runtime that the flags of ``add_runtime_flags`` ask for."""
    return InferenceRuntime(**{field: getattr(options, field) for field in RUNTIME_FLAGS if hasattr(options, field)})


def read_one_policy(text: str, options: argparse.Namespace, python: str = "") -> PolicyReference:
    """Parse and check the only policy that a command takes, with the flags of ``add_policy_flags``.

    Args:
        text: What is typed after ``--policy``.
        options: As parsed.
        python: As in ``read_policy_flags``.

    Raises:
        InputError: It doesn't exist, or several are named.
    """
    references = pin_policies(read_policy_flags([text], options, python))
    if len(references) != 1:
        raise InputError(f"'{text}' names {len(references)} policies: name one, such as '{references[0].target}'")
    return references[0]


def read_policy_flags(
    texts: Sequence[str], options: argparse.Namespace, python: str = ""
) -> tuple[PolicyReference, ...]:
    """Parse and check the named policies with the flags of ``add_policy_flags``.

    Args:
        texts: What is typed after ``--policy``, split at commas.
        options: As parsed.
        python: The Python that runs policies that aren't this package's; "" for this one.

    Raises:
        InputError: Something is wrong with one of them.
    """
    return parse_policies(texts, options.policy_args or (), options.replan, options.trust_pickle, python)
