"""The table of the kinds of policies that can be named, in the order in which a name is tried. All rules are here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from policies.names import files, folders, hub, user_code
from policies.names.reference import FLAG, PolicyReference
from policies.names.shipped import ALL_PUBLISHED, POLICIES, make_shipped
from policies.policy import Policy
from policies.remote.access import check_address, is_server_address, read_token
from policies.specs.spec_file import parse_spec
from policies.specs.waiting import WaitingRule, read_waiting_rule
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.user_code import is_code_reference
from scenarios.registry import SCENARIOS

PICKLES = (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle")
LEROBOT = "lerobot:"
ENVIRONMENT = re.compile(r"MobileVLA/\w+-v\d+")


def _no_check(reference: PolicyReference) -> None:
    """Check nothing: what there is to check takes long."""


def _pin_nothing(reference: PolicyReference) -> PolicyReference:
    return reference


class PolicyKind(NamedTuple):
    """A kind of policy that can be named."""

    what: str
    """In a few words, for help and documentation."""
    example: str
    """As typed."""
    matches: Callable[[str], bool]
    """Whether a target is of this kind."""
    make: Callable[[PolicyReference], Policy]
    """Makes the policy; this may import and load much."""
    check: Callable[[PolicyReference], None] = _no_check
    """Raises ``InputError`` for every mistake that can be found without running, importing or contacting anything."""
    pin: Callable[[PolicyReference], PolicyReference] = _pin_nothing
    """Replaces what can change during a run by what it is now."""
    takes_arguments: bool = False
    """Whether ``--policy-args`` is for it."""
    may_hold_pickles: bool = False
    """Whether ``--trust-pickle`` is for it."""
    is_hosted: bool = False
    """Whether an evaluation runs it in a process of its own."""


def _make_shipped(reference: PolicyReference) -> Policy:
    return make_shipped(reference.target)


def _check_folder(reference: PolicyReference) -> None:
    folders.check_folder(Path(reference.target))


def _load_folder(reference: PolicyReference) -> Policy:
    path = Path(reference.target)
    return folders.load_folder(path, reference.choose_name(path.resolve().name))


def _check_server(reference: PolicyReference) -> None:
    check_address(reference.target)


def _make_server_policy(reference: PolicyReference) -> Policy:
    """Connect to a policy server; its spec, and how long to wait for it, may be given in the arguments."""
    from policies.remote.policy import RemotePolicy  # its connections are slow to import

    spec, waiting = None, WaitingRule()
    if (arguments := reference.arguments) is not None:
        waiting, described = read_waiting_rule(arguments.node)
        if described is not None:
            spec = parse_spec(described, reference.label, Path(arguments.folder))
    return RemotePolicy(reference.target, spec, read_token(), *waiting)


def _make_lerobot_policy(reference: PolicyReference) -> Policy:
    raise InputError(
        f"policy '{reference.target}' lives in LeRobot's own Python, which this command doesn't start: evaluate, "
        "check, score or serve it with --policy-python PYTHON"
    )


KINDS = (
    PolicyKind("a shipped policy", "hybrid", lambda target: target in POLICIES, _make_shipped),
    PolicyKind(
        "a policy server",
        "ws://localhost:8000",
        is_server_address,
        _make_server_policy,
        _check_server,
        takes_arguments=True,
    ),
    PolicyKind(
        "a checkpoint on the Hugging Face hub",
        "hf://user/repo@revision",
        lambda target: target.startswith(hub.SCHEME),
        hub.make_hub_policy,
        hub.check_address,
        hub.pin_revision,
    ),
    PolicyKind(
        "a LeRobot policy",
        "lerobot:outputs/train/act",
        lambda target: target.startswith(LEROBOT),
        _make_lerobot_policy,
        takes_arguments=True,
        is_hosted=True,
    ),
    PolicyKind(
        "a class or function of your own",
        "my_policy.py:MyPolicy",
        is_code_reference,
        user_code.make_user_policy,
        user_code.check_user_code,
        takes_arguments=True,
        is_hosted=True,
    ),
    PolicyKind(
        "a checkpoint folder", "runs/train/hybrid", lambda target: Path(target).is_dir(), _load_folder, _check_folder
    ),
    PolicyKind(
        "an ONNX file",
        "policy.onnx",
        lambda target: files.has_suffix(target, ".onnx"),
        files.make_onnx_policy,
        takes_arguments=True,
    ),
    PolicyKind(
        "a zip of Stable-Baselines3",
        "ppo.zip",
        lambda target: files.has_suffix(target, ".zip"),
        files.make_sb3_policy,
        may_hold_pickles=True,
    ),
)


def find_kind(target: str) -> PolicyKind:
    """Find the kind of a target, by its text and the file system.

    Raises:
        InputError: It is of none, with what was probably meant.
    """
    for kind in KINDS:
        if kind.matches(target):
            return kind
    raise _explain(target)


def check_reference(reference: PolicyReference) -> None:
    """Find the mistakes in a reference that can be found without importing, loading or contacting anything.

    Raises:
        InputError: There is one.
    """
    kind = find_kind(reference.target)
    if reference.arguments is not None and not kind.takes_arguments:
        given = reference.arguments.given
        where, what = ("", FLAG) if given == FLAG else (f"{given}: ", "arguments")
        raise InputError(f"{where}policy '{reference.label}' is {kind.what}, and takes no {what}: omit them")
    kind.check(reference)


def _explain(target: str) -> InputError:
    """Return the error for a target of no kind."""
    path, suffix = Path(target), Path(target).suffix.lower()
    if target == ALL_PUBLISHED:
        return InputError(f"'{ALL_PUBLISHED}' means all published policies: name one, such as 'hybrid'")
    if ENVIRONMENT.fullmatch(target) or target in SCENARIOS:
        return InputError(f"'{target}' is a scenario, not a policy: give it after --scenario")
    if target.startswith(("http://", "https://", "tcp://", "grpc://")):
        return InputError(f"no policy at '{target}': a policy server has an address such as ws://HOST:PORT")
    home, colon, name = target.rpartition(":")
    if colon and home.endswith(".py"):
        return InputError(f"policy '{target}': '{name}' can't be the name of a class or function")
    if suffix == ".py" and path.is_file():
        return InputError(f"'{target}' is a file of Python: name a class or function in it, {target}:NAME")
    if path.is_file() and suffix in PICKLES:
        return InputError(
            f"'{target}' holds pickled weights without their network: load it in a class of your own, and name that: "
            "file.py:NAME"
        )
    if path.is_file() and suffix == ".safetensors":
        return InputError(f"'{target}' is a part of a checkpoint: name its folder, '{path.parent}'")
    if "/" in target or suffix in (".onnx", ".zip", ".py", *PICKLES) or path.exists():
        return InputError(f"no policy at '{target}': {_nearest_path(target)}{_what_is_possible(target)}")
    return unknown_name("policy", target, [*POLICIES, ALL_PUBLISHED])


def _what_is_possible(target: str) -> str:
    possible = "give a policy's name, a folder that save_pretrained wrote, an ONNX file, or file.py:NAME"
    if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", target) and not Path(target).parent.is_dir():
        return f"{possible}; a repository of the hub is named hf://{target}"
    return possible


def _nearest_path(target: str) -> str:
    """Suggest a file or folder beside a path that doesn't exist."""
    path = Path(target)
    if path.exists() or not path.parent.is_dir():
        return ""
    import difflib

    near = difflib.get_close_matches(path.name, os.listdir(path.parent), n=1, cutoff=0.6)
    return f"did you mean '{path.parent / near[0]}'? " if near else ""
