"""What families share: repeated draws, instructions with their words, and looks from the ranges that were given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from scenarios.families.family import MAX_DRAWS, FamilySpec, rejection_sample
from scenarios.lookup import get_scenario
from scenarios.ranges import Choice
from scenarios.registry import SCENARIOS
from scenarios.world import Light, World


@dataclass(frozen=True)
class Spec(FamilySpec):
    """A family's own words."""

    phrases: Choice[str] = Choice(("past {count} doors to the {target}",))


def test_the_first_draw_that_will_do_is_the_world() -> None:
    worlds = [get_scenario("corridor").world(0, number) for number in range(3)]
    tries = iter([None, *worlds])
    assert rejection_sample("corridor", lambda: next(tries), lambda world: world is not worlds[0]) is worlds[1]


def test_an_unsolvable_world_is_never_drawn_and_the_draws_end() -> None:
    world = get_scenario("corridor").world(0, 0)
    tried: list[World] = []

    def walled_in() -> World:
        tried.append(replace(world, clearance_m=5.0))
        return tried[-1]

    with pytest.raises(RuntimeError, match="no solvable corridor"):
        rejection_sample("corridor", walled_in)
    assert len(tried) == MAX_DRAWS


def test_an_instruction_has_its_target_and_the_family_s_own_words() -> None:
    base = get_scenario("corridor").world(0, 0)
    world = Spec().assemble_world(
        np.random.default_rng(0), "mine", base.items, base.start, base.task, base.bounds_m, 0.1, count="two"
    )
    assert world.instruction == f"past two doors to the {base.task.goal.description}"
    assert (world.scenario, world.clearance_m) == ("mine", 0.1)


def test_surfaces_are_of_the_looks_that_may_be_drawn() -> None:
    spec = Spec(floor_look=Choice(("floor/tiles",)), wall_look=Choice(("wall/brick",)))
    floor, wall = spec.sample_surfaces(np.random.default_rng(0))
    assert (floor[0], wall[0]) == ("floor/tiles", "wall/brick")
    assert floor[1] != wall[1]


@pytest.mark.parametrize("family", SCENARIOS)
def test_every_family_has_the_shared_ranges(family: str) -> None:
    assert isinstance(SCENARIOS[family].spec, FamilySpec)


def test_a_light_that_is_given_is_not_drawn() -> None:
    base = get_scenario("corridor").world(0, 0)
    parts = ("mine", base.items, base.start, base.task, base.bounds_m, 0.1)
    given = Light(ambient=0.9)
    assert Spec().assemble_world(np.random.default_rng(0), *parts, light=given, count="two").light == given
    drawn = Spec().assemble_world(np.random.default_rng(0), *parts, count="two").light
    assert Spec().ambient.low <= drawn.ambient <= Spec().ambient.high
