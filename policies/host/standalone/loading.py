"""Somebody's policy: how it is found and made, and what it declares."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .failures import LONGEST_NAME, LoadError, describe_failure, escape_text
from .messages import pack_message

SPEC_FIELDS = (
    *("name", "image_size", "period_s", "rate_hz", "hold_action", "history", "chunk", "replan", "plays_chunk"),
    *("action", "observation", "privileged", "parameters", "runtime"),
)


def find_maker(target: str) -> Callable[..., Any]:
    """Import the class or function that ``file.py:NAME`` or ``module:NAME`` names.

    Raises:
        LoadError: It isn't there, or importing it fails.
    """
    home, _, name = target.rpartition(":")
    try:
        module = _import_file(home) if home.endswith(".py") else importlib.import_module(home)
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        raise LoadError(f"importing {home} failed: {describe_failure(error)}") from None
    if not hasattr(module, name):
        known = ", ".join(sorted(each for each in vars(module) if not each.startswith("_"))[:20])
        raise LoadError(f"there is no '{name}' in {home}: it has {known or 'nothing'}")
    maker = getattr(module, name)
    if not callable(maker):
        raise LoadError(f"'{name}' in {home} is a {type(maker).__name__}: name a class, or a function that makes one")
    return maker


def _import_file(path: str) -> Any:
    """Import a file, which can import the modules beside it as if it were run."""
    full = os.path.realpath(path)
    folder, name = os.path.dirname(full), os.path.splitext(os.path.basename(full))[0]
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, full)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def make_policy(maker: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Make a policy.

    Raises:
        LoadError: The arguments don't fit, making it fails, or what is made isn't a policy.
    """
    _check_arguments(maker, arguments)
    try:
        policy = maker(**arguments)
        missing = [part for part in ("spec", "reset", "act") if not hasattr(policy, part)]
        infers = all(hasattr(policy, part) for part in ("spec", "infer"))
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        raise LoadError(f"it can't be made: {describe_failure(error)}") from None
    if missing and not infers:
        raise LoadError(
            f"it makes a {type(policy).__name__} without {', '.join(missing)}: a policy has spec, reset and act, or "
            "spec and infer"
        )
    return policy


def _check_arguments(maker: Callable[..., Any], arguments: dict[str, Any]) -> None:
    try:
        parameters = inspect.signature(maker).parameters
    except (TypeError, ValueError):  # some classes of C have no signature
        return
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    known = [name for name, each in parameters.items() if each.kind in kinds]
    if not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        unknown = [name for name in arguments if name not in known]
        if unknown:
            raise LoadError(f"it takes no argument '{unknown[0]}': it takes {', '.join(known) or 'none'}")
    needed = [name for name in known if parameters[name].default is inspect.Parameter.empty and name not in arguments]
    if needed:
        example = json.dumps({**arguments, **dict.fromkeys(needed, "…")}, ensure_ascii=False)
        raise LoadError(f"it needs the argument '{needed[0]}': give it by --policy-args '{example}'")


def takes_argument(maker: Callable[..., Any], name: str) -> bool:
    """Return whether a class or function has an argument of this name."""
    try:
        return name in inspect.signature(maker).parameters
    except (TypeError, ValueError):
        return False


def is_inferring(policy: Any) -> bool:
    """Return whether a policy is asked in openpi's way, one robot at a time."""
    return not hasattr(policy, "act")


def describe_spec(policy: Any) -> dict[str, Any]:
    """Return what a policy declares, as data.

    Raises:
        LoadError: It declares nothing, or what can't be sent.
    """
    try:
        declared = policy.spec
        values = _plain(_as_mapping(declared))
        values = json.loads(json.dumps(values))
        pack_message({"spec": values})
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        raise LoadError(f"its spec can't be read: {describe_failure(error)}") from None
    if not values or not isinstance(values, dict):
        raise LoadError(f"its spec is a {type(declared).__name__}: it must be a dictionary, or a PolicySpec")
    if isinstance(values.get("name"), str):
        values["name"] = escape_text(values["name"])[:LONGEST_NAME]
    return values


def _as_mapping(spec: Any) -> dict[str, Any]:
    """Return the entries of a spec: a dictionary, or any object with attributes."""
    if isinstance(spec, dict):
        return spec
    return {name: getattr(spec, name) for name in SPEC_FIELDS if hasattr(spec, name)}


def _plain(value: Any) -> Any:
    """Return a value as what JSON has; the fields of a dataclass that differ from its defaults as a dictionary."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "__dataclass_fields__"):
        fields = value.__dataclass_fields__.items()
        return {name: _plain(getattr(value, name)) for name, field in fields if getattr(value, name) != field.default}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def find_world_classes() -> tuple[Any, Any]:
    """Import what policies that see the true world are told it with: a slot's state, and a parser of worlds.

    Raises:
        LoadError: This package isn't there, or another one has its name.
    """
    try:
        state = importlib.import_module("policies.policy").PrivilegedState
        return state, importlib.import_module("policies.formats.world_format").parse_worlds
    except (ImportError, AttributeError) as error:
        raise LoadError(
            f"it declares that it sees the true world, whose classes can't be imported beside it: {error}; a package "
            "of its own with the name 'policies' or 'scenarios' hides them"
        ) from None
