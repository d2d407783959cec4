"""Laws of what else can be asked for in a world."""

from __future__ import annotations

from dataclasses import replace

from drawn import drawn, scenarios

from scenarios.navigation.clearance_grid import is_goal_reachable
from scenarios.perturbations.alternative_tasks import alternative_tasks, feasible_tasks, swapped_tasks


@scenarios
def test_every_other_task_asks_for_something_else_in_other_words(scenario: str) -> None:
    world = drawn(scenario, 0)
    for variant in alternative_tasks(world):
        assert variant.instruction != world.instruction
        assert (variant.task.goal, variant.task.side) != (world.task.goal, world.task.side)
        assert variant.task.goal.radius_m == world.task.goal.radius_m


@scenarios
def test_a_worlds_own_task_comes_first_and_the_others_can_be_done(scenario: str) -> None:
    world = drawn(scenario, 1)
    own, *others = feasible_tasks(world)
    assert own.variant.apply_to(world) == world
    assert swapped_tasks(world) == tuple(other.variant for other in others)
    for other in others:
        asked = other.variant.apply_to(world)
        assert 0.0 <= asked.clearance_m <= world.clearance_m
        assert is_goal_reachable(asked, asked.clearance_m)


def test_words_that_do_not_name_the_target_once_can_not_be_swapped() -> None:
    world = drawn("corridor", 0)
    assert alternative_tasks(world)
    assert alternative_tasks(replace(world, instruction="go there")) == ()
    twice = f"{world.instruction}, I mean the {world.task.goal.description}"
    assert alternative_tasks(replace(world, instruction=twice)) == ()


def test_swapping_the_side_twice_is_the_world_as_it_was() -> None:
    world = drawn("box-detour", 0)
    (once,) = alternative_tasks(world)
    (twice,) = alternative_tasks(once.apply_to(world))
    assert twice.apply_to(world) == world
