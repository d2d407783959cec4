from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from scenarios.lookup import get_scenario
from scenarios.perturbations.varied_looks import LEVELS, name_scenario
from scenarios.registry import SCENARIOS


@pytest.mark.parametrize("family", SCENARIOS)
def test_every_family_can_be_recorded_with_varied_looks(family: str) -> None:
    varied = get_scenario(name_scenario(family))
    assert varied.name == f"{family}-varied"
    assert varied.world(1200, 0) == varied.world(1200, 0)
    assert pickle.loads(pickle.dumps(varied)).world(1200, 1) == varied.world(1200, 1)


def test_looks_light_and_camera_vary_and_nothing_else_does() -> None:
    varied, lights, mounts = get_scenario(name_scenario("corridor")), set(), set()
    for episode in range(12):
        world = varied.world(1200, episode)
        lights.add(world.light.direction)
        mounts.add(world.conditions.mount)
        plain = replace(world.conditions, mount=None)
        assert plain == replace(SCENARIOS["corridor"].world(1200, 0).conditions, mount=None)
    assert len(lights) > 6
    assert len(mounts) > 4


def test_instructions_are_those_of_training() -> None:
    assert get_scenario(name_scenario("corridor")).world(1200, 0).phrase == SCENARIOS["corridor"].world(1200, 0).phrase
    assert set(LEVELS) == {"textures", "lighting", "camera-pose"}
