"""The command-line flags that say which policies, and how they are made; the same in all commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from policies.names.kinds import KINDS
from policies.names.parsing import parse_policies
from policies.names.reference import PolicyReference
from policies.names.shipped import ALL_PUBLISHED, POLICIES
from scenarios.common import cli

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
        default=[],
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
    return parse_policies(texts, options.policy_args, options.replan, options.trust_pickle, python)
