from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.train.blind.scenes import END, FREE, GOAL, TOUCH_M, arrange_scenes, follow_way
from scenarios.geometry import Bounds, Pose2D
from scenarios.world import Box, Item, MovingItem, PassingSide, Route, Target, Task, World

RGBA = (1.0, 1.0, 1.0, 1.0)
START = Pose2D(1.0, 0.0)


def make_world(*items: Item, task: Task | None = None, start: Pose2D = START, movers=()) -> World:
    """An empty hall of 8 x 6 m with the goal 4 m ahead of the start."""
    ball = Item("goal", "ball", Box((0.2, 0.2, 0.4)), Pose2D(5.0, 0.0), 0.2, RGBA, "target")
    task = task or Task(Target("goal", "ball", Pose2D(5.0, 0.0), 0.5))
    return World("hall", (ball, *items), start, task, "go", Bounds(0.0, -3.0, 8.0, 3.0), 0.2, movers=movers)


def make_box(x: float, y: float, name: str = "box") -> Item:
    return Item(name, "box", Box((0.4, 0.4, 0.4)), Pose2D(x, y), 0.2, RGBA, "obstacle")


def straight(steps: int = 45, y: float = 0.0) -> np.ndarray:
    """A way straight ahead at 0.1 m a step."""
    return np.stack([0.1 * np.arange(1, steps + 1), np.full(steps, y)], axis=1)


def wins(world: World, way: np.ndarray) -> bool:
    return bool(follow_way(arrange_scenes([world]), way)[0])


def test_a_way_succeeds_where_it_reaches_the_goal_and_fails_where_something_stands_before_it() -> None:
    assert wins(make_world(), straight())
    assert not wins(make_world(make_box(3.0, 0.0)), straight())
    assert wins(make_world(make_box(3.0, 0.4 + TOUCH_M + 0.1)), straight())
    assert wins(make_world(make_box(7.0, 0.0)), straight())
    assert not wins(make_world(), straight(20))


def test_a_way_is_given_in_the_frame_of_the_start() -> None:
    turned = make_world(start=Pose2D(5.0, -2.9, np.pi / 2))
    assert wins(turned, straight(30))
    assert not wins(make_world(start=Pose2D(5.0, -2.5, -np.pi / 2)), straight(30))


def test_the_circle_of_another_target_ends_the_way() -> None:
    other = Target("other", "cone", Pose2D(3.0, 0.6), 0.5)
    goal = Target("goal", "ball", Pose2D(5.0, 0.0), 0.5)
    assert wins(make_world(task=Task(goal, (other,))), straight())
    near = replace(other, pose=Pose2D(3.0, 0.4))
    assert not wins(make_world(task=Task(goal, (near,))), straight())


def test_time_ends_the_way() -> None:
    goal = Target("goal", "ball", Pose2D(5.0, 0.0), 0.5)
    assert wins(make_world(task=Task(goal, time_limit_s=3.7)), straight())
    assert not wins(make_world(task=Task(goal, time_limit_s=3.3)), straight())


@pytest.mark.parametrize(("asked", "won"), [("left", False), ("right", True)])
def test_the_way_must_pass_on_the_named_side(asked, won) -> None:
    left, right = ((3.0, 0.5), (3.0, 3.0)), ((3.0, 0.5), (3.0, -3.0))
    side = PassingSide(asked, *((left, right) if asked == "left" else (right, left)))
    goal = Target("goal", "ball", Pose2D(5.0, 0.0), 0.5)
    assert wins(make_world(task=Task(goal, side=side)), straight()) == won


def test_a_walker_ends_the_way_only_where_it_is_at_that_time() -> None:
    walker = make_box(3.0, -2.0, "walker")
    meets = Route(((3.0, -2.0), (3.0, 2.0)), speed_mps=1.0)
    late = replace(meets, speed_mps=0.1)
    assert not wins(make_world(walker, movers=(MovingItem("walker", meets),)), straight())
    assert wins(make_world(walker, movers=(MovingItem("walker", late),)), straight())


def test_a_goal_that_moves_must_be_held_for_its_time_and_its_way() -> None:
    goal = Target("goal", "ball", Pose2D(5.0, 0.0), 0.5)
    route = Route(((5.0, 0.0), (5.0, 2.0)), speed_mps=0.2)
    waits = np.tile([(3.45, 0.3)], (100, 1))
    for task, won in (
        (Task(goal, hold_s=1.0), True),
        (Task(goal, hold_s=5.0), False),
        (Task(goal, hold_m=0.2), True),
        (Task(goal, hold_m=1.5), False),
    ):
        world = make_world(task=replace(task, goal=replace(goal, radius_m=0.8)))
        assert wins(replace(world, movers=(MovingItem("goal", route),)), waits) == won, task


def test_cells_tell_the_goal_from_what_ends_a_way() -> None:
    scenes = arrange_scenes([make_world(make_box(3.0, 2.0))])
    at = lambda x, y: scenes.cells[0][tuple(np.rint((np.array([x, y]) - scenes.origin) / 0.06).astype(int))]  # noqa: E731
    assert (at(4.0, 0.0), at(2.0, 2.0), at(1.0, 0.0)) == (GOAL, END, FREE)
