"""The table of policies by name. Listing it costs nothing; torch is imported by the policies that need it."""

from __future__ import annotations

import importlib
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


def check_name(name: str) -> None:
    """Whether ``make_policy`` could know a policy by this name, without making it.

    Raises:
        InputError: It is neither a name of the table, nor a path that is there, nor of the form ``module:maker``.
    """
    if name not in POLICIES and not Path(name).exists() and not _is_maker(name):
        raise unknown_name("policy", name, POLICIES)


def _is_maker(name: str) -> bool:
    module, colon, maker = name.partition(":")
    return bool(colon) and maker.isidentifier() and all(part.isidentifier() for part in module.split("."))


def _of_your_own(name: str) -> Policy:
    """What ``maker()`` of ``module:maker`` gives; the current folder is on the path, as for any ``python -m``."""
    module_name, _, maker_name = name.partition(":")
    try:
        maker = getattr(importlib.import_module(module_name), maker_name)
    except (ImportError, AttributeError) as error:
        raise InputError(f"policy '{name}': {error}; it must name a module and a class or function in it") from error
    policy = maker()
    missing = [part for part in ("spec", "reset", "act") if not hasattr(policy, part)]
    if missing:
        raise InputError(
            f"policy '{name}' is a {type(policy).__name__} without {', '.join(missing)}: see policies.policy.Policy"
        )
    made: Policy = policy
    return made


def make_policy(name_or_folder: str) -> Policy:
    """A policy by its name in the table, from a folder that ``save_pretrained`` wrote, or as ``module:maker``.

    A name of the table wins over a folder of that name in the current directory (then type ``./name``). ``maker`` is a
    class or function of your own that takes no arguments and gives a ``policies.policy.Policy``.

    Raises:
        InputError: no such name, folder or maker, or a checkpoint that can't be read.
    """
    if name_or_folder in POLICIES:
        return POLICIES[name_or_folder]()
    if _is_maker(name_or_folder):
        return _of_your_own(name_or_folder)
    folder = Path(name_or_folder)
    if folder.is_dir():
        return _load(folder, folder.resolve().name)
    if "/" in name_or_folder or folder.exists():
        raise InputError(
            f"no checkpoint folder at '{name_or_folder}': give a folder that training wrote, or a policy's name"
        )
    raise unknown_name("policy", name_or_folder, POLICIES)
