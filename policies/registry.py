"""The table of policies by name. Listing it costs nothing; torch is imported by the policies that need it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from policies.policy import Policy
from scenarios.errors import InputError, unknown_name

CHECKPOINTS = Path(__file__).parent / "checkpoints"


def _zero() -> Policy:
    from policies.reference import zero

    return zero()


def _random() -> Policy:
    from policies.reference import Random

    return Random()


def _straight() -> Policy:
    from policies.reference import straight

    return straight()


def _expert() -> Policy:
    from policies.expert import Expert

    return Expert()


def _shipped(name: str) -> Callable[[], Policy]:
    """A factory of the policy whose checkpoint comes with the package."""
    return lambda: _load(CHECKPOINTS / name, name)


def _load(folder: Path, name: str) -> Policy:
    if not (folder / "config.json").is_file():
        raise InputError(
            f"no checkpoint in {folder}: it needs config.json and model.safetensors "
            f"('python -m policies.train hybrid' makes the shipped one)"
        )
    from policies.neural import NeuralPolicy

    return NeuralPolicy.load(folder, name)


POLICIES: dict[str, Callable[[], Policy]] = {
    "zero": _zero,
    "random": _random,
    "straight": _straight,
    "expert": _expert,
    "hybrid": _shipped("hybrid"),
}


def make_policy(name_or_folder: str) -> Policy:
    """A policy by its name in the table, or from a folder that ``save_pretrained`` wrote.

    A name of the table wins over a folder of that name in the current directory (then type ``./name``).

    Raises:
        InputError: no such name or folder, or a checkpoint that can't be read.
    """
    if name_or_folder in POLICIES:
        return POLICIES[name_or_folder]()
    folder = Path(name_or_folder)
    if folder.is_dir():
        return _load(folder, folder.resolve().name)
    if "/" in name_or_folder or folder.exists():
        raise InputError(
            f"no checkpoint folder at '{name_or_folder}': give a folder that training wrote, or a policy's name"
        )
    raise unknown_name("policy", name_or_folder, POLICIES)
