"""A world that was sent to another process is the world that is driven in, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.formats.world_format import format_worlds, parse_worlds
from scenarios.lookup import get_scenario
from scenarios.perturbations import Perturbation, sample_perturbed_world
from scenarios.perturbations.registry import AXES
from scenarios.registry import SCENARIOS


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_worlds_of_every_family_come_back_equal(name: str) -> None:
    worlds = [get_scenario(name).world(seed, number) for seed in (0, 9) for number in range(3)]
    found = parse_worlds(format_worlds(worlds))
    assert list(found) == worlds
    assert [repr(world) for world in found] == [repr(world) for world in worlds]  # types, too: 1 equals 1.0


@pytest.mark.parametrize("axis", sorted(AXES))
def test_worlds_under_every_perturbation_come_back_equal(axis: str) -> None:
    scenario = get_scenario("corridor")
    world = sample_perturbed_world(scenario, 0, 1, Perturbation.parse(f"{axis}=3"))
    assert parse_worlds(format_worlds([world])) == (world,)


def test_numbers_of_numpy_become_equal_ones_of_python() -> None:
    world = replace(get_scenario("corridor").world(0, 0), clearance_m=np.float32(0.1))
    (found,) = parse_worlds(format_worlds([world]))
    assert type(found.clearance_m) is float
    assert found.clearance_m == float(np.float32(0.1))
