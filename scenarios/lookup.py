"""Look a scenario up by what was typed: a family's name, or the path of a scenario file."""

from __future__ import annotations

from scenarios.common.errors import unknown_name
from scenarios.common.files import is_scenario_file
from scenarios.files.scenario_file import load_scenario
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario


def get_scenario(name: str) -> Scenario:
    """The family of that name, or the scenario that the YAML file of that path describes.

    Raises:
        InputError: If there is none, with the nearest match; or if the file is wrong, with the line.
    """
    if is_scenario_file(name):
        return load_scenario(name)
    if name not in SCENARIOS:
        raise unknown_name("scenario", name, SCENARIOS)
    return SCENARIOS[name]
