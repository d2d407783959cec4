"""Look a scenario up by what was typed: a family's name, the path of a scenario file, or a family in a Python file."""

from __future__ import annotations

import hashlib

from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import is_scenario_file
from scenarios.common.user_code import is_code_reference, load_object, source_file
from scenarios.files.scenario_file import load_scenario
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario

_LOADED: dict[str, Scenario] = {}  # families of the user's own code, by name, once this process has loaded them


def get_scenario(name: str) -> Scenario:
    """Return the family of that name, the one that a YAML file describes, or the one that ``file.py:NAME`` names.

    A family that was loaded from a user's own code is known by its name, too, from then on in this process, so that
    what it recorded can be built again.

    Raises:
        InputError: There is none, with the nearest match; the file is wrong, with the line; or its code fails.
    """
    if is_scenario_file(name):
        return load_scenario(name)
    if name in SCENARIOS:
        return SCENARIOS[name]
    if is_code_reference(name):
        return _load_family(name)
    if name in _LOADED:
        return _LOADED[name]
    raise unknown_name("scenario", name, SCENARIOS)


def check_scenario(name: str, also: tuple[str, ...] = ()) -> None:
    """Check that there is such a scenario.

    Args:
        also: Further words that are allowed where ``name`` was typed, for the error.

    Raises:
        InputError: As ``get_scenario``.
    """
    if name not in SCENARIOS and not is_scenario_file(name) and not is_code_reference(name):
        raise unknown_name("scenario", name, [*SCENARIOS, *also])
    get_scenario(name)


def scenario_text(name: str) -> str | None:
    """Return the text of the file that a scenario comes from; None for a family of this package or of a module."""
    path = source_file(name)
    if path is None and not is_scenario_file(name):
        return None
    with open(path or name, encoding="utf-8") as file:
        return file.read()


def scenario_version(name: str) -> str:
    """Return what changes when the scenario draws other worlds: a hash over its ranges, and over a user's own code."""
    scenario, path = get_scenario(name), source_file(name)
    if path is None:
        return scenario.spec_hash
    return hashlib.sha256(scenario.spec_hash.encode() + path.read_bytes()).hexdigest()[:16]


def _load_family(reference: str) -> Scenario:
    found = load_object(reference, "scenario")
    if not isinstance(found, Scenario):
        raise InputError(f"scenario '{reference}' is a {type(found).__name__}, not a scenarios.scenario.Scenario")
    if found.name in SCENARIOS:
        raise InputError(f"scenario '{reference}' is called '{found.name}', as a family of this package: rename it")
    _LOADED[found.name] = found
    return found
