"""Laws of worlds: where the goal is, and what asking changes."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from scenarios.geometry import Bounds, Pose2D
from scenarios.world.movers import MovingItem, Route
from scenarios.world.task import Target, Task
from scenarios.world.world import World


def make_world(*movers: MovingItem) -> World:
    goal = Target("ball", "red ball", Pose2D(3.0, 4.0), 0.5)
    return World("test", (), Pose2D(0.0, 0.0), Task(goal), "go", Bounds(0.0, -5.0, 5.0, 5.0), 0.1, movers=movers)


WALKER = MovingItem("walker", Route(((0.0, 0.0), (2.0, 0.0)), 0.5))
BALL = MovingItem("ball", Route(((0.0, 1.0), (0.0, 3.0)), 0.5))


@pytest.mark.parametrize("movers", [(), (WALKER,)])
def test_a_goal_that_stands_is_where_the_task_says(movers: tuple[MovingItem, ...]) -> None:
    world = make_world(*movers)
    assert world.goal_index is None
    assert world.goal_mover is None
    assert world.goal_at([1.5] * len(movers)) == world.task.goal.pose


def test_a_goal_that_moves_is_where_its_own_progress_says() -> None:
    world = make_world(WALKER, BALL)
    assert (world.goal_index, world.goal_mover) == (1, BALL)
    assert world.goal_at((0.25, 1.5)).xy == (0.0, 2.5)


def test_what_a_world_found_out_about_itself_changes_neither_it_nor_its_copies() -> None:
    asked, fresh = make_world(WALKER, BALL), make_world(WALKER, BALL)
    assert asked.goal_index == 1
    assert (asked, repr(asked), hash(asked)) == (fresh, repr(fresh), hash(fresh))
    assert replace(asked, movers=(BALL,)).goal_index == 0
    assert pickle.loads(pickle.dumps(asked)).goal_mover == BALL
