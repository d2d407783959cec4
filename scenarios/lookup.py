"""Scenario look-up by family name, by path of a scenario file, or by a family in a Python file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import is_scenario_file
from scenarios.common.user_code import is_code_reference, load_object, source_file
from scenarios.files.scenario_file import load_scenario
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario

_LOADED: dict[str, Scenario] = {}  # families of the user's own code that this process has loaded, by name


def get_scenario(name: str) -> Scenario:
    """Return the scenario with this family name, from this YAML file, or of this ``file.py:NAME`` reference.

    Once a family of the user's own code is loaded, this process also knows it by its name, so that recorded worlds can
    be built again.

    Raises:
        InputError: The name is unknown (gives the nearest match), the file is invalid (gives the line), or its code
            fails.
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


@contextmanager
def known_scenarios(scenarios: Mapping[str, Scenario]) -> Iterator[None]:
    """Let this process know scenarios by their names in this context."""
    before = dict(_LOADED)
    _LOADED.update(scenarios)
    try:
        yield
    finally:
        _LOADED.clear()
        _LOADED.update(before)


def check_scenario(name: str, also: tuple[str, ...] = ()) -> None:
    """Check that a scenario exists.

    Args:
        also: Other words that are valid in the same place, listed in the error.

    Raises:
        InputError: As ``get_scenario``.
    """
    if name not in (*SCENARIOS, *_LOADED) and not is_scenario_file(name) and not is_code_reference(name):
        raise unknown_name("scenario", name, [*SCENARIOS, *also])
    get_scenario(name)


def scenario_text(name: str) -> str | None:
    """Return the source text of a scenario's file; None for a family of this package or of a module."""
    path = source_file(name)
    if path is None and not is_scenario_file(name):
        return None
    with open(path or name, encoding="utf-8") as file:
        return file.read()


def scenario_version(name: str) -> str:
    """Return a hash of a scenario's ranges and of the user's own code, which changes when its worlds may change."""
    scenario, path = get_scenario(name), source_file(name)
    if path is None:
        return scenario.spec_hash
    return hashlib.sha256(scenario.spec_hash.encode() + path.read_bytes()).hexdigest()[:16]


def _load_family(reference: str) -> Scenario:
    found = load_object(reference, "scenario")
    if not isinstance(found, Scenario):
        raise InputError(f"scenario '{reference}' is a {type(found).__name__}, not a scenarios.scenario.Scenario")
    if found.name in SCENARIOS:
        raise InputError(f"scenario '{reference}' has the name '{found.name}', which is a built-in scenario: rename it")
    _LOADED[found.name] = found
    return found
