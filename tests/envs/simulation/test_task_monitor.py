"""Laws of a task's verdict: poses in, status out; no physics."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.simulation.task_monitor import TaskMonitor
from scenarios.geometry import Point, Pose2D
from scenarios.world import PassingSide, Target, Task

PERIOD_S = 0.1
GOAL = (5.0, 0.0)
FAR = (50.0, 50.0)
OTHER = Target("cup", "blue cup", Pose2D(0.0, 4.0), 0.5)
TASK = Task(Target("ball", "red ball", Pose2D(*GOAL), 0.5))
LEFT = PassingSide("left", ((2.0, 0.0), (2.0, 3.0)), ((2.0, 0.0), (2.0, -3.0)))

near = st.tuples(st.floats(-1.0, 7.0), st.floats(-5.0, 5.0))
walks = st.lists(near, min_size=1, max_size=60)


def watch(task: Task, positions: list[Point], *, start: Point = (0.0, 0.0), hit: int | None = None) -> list[str | None]:
    """The status after each position; at number ``hit`` a box is touched."""
    monitor = TaskMonitor(task, start, GOAL, PERIOD_S)
    statuses = []
    for number, position in enumerate(positions):
        monitor.update(position, GOAL, "box" if number == hit else None)
        statuses.append(monitor.status)
    return statuses


def is_at(position: Point, target: Target) -> bool:
    return math.dist(position, (target.pose.x, target.pose.y)) <= target.radius_m


def circle(steps: int) -> list[Point]:
    """Round and round, 1 m about the start, away from everything."""
    return [(math.cos(step), math.sin(step)) for step in range(steps)]


@given(walk=walks, hit=st.none() | st.integers(0, 59))
def test_the_first_thing_that_happens_decides_and_its_verdict_stands(walk: list[Point], hit: int | None) -> None:
    task = replace(TASK, others=(OTHER,))
    statuses = watch(task, walk, hit=hit)
    expected = None
    for number, (position, status) in enumerate(zip(walk, statuses, strict=True)):
        if expected is None and number == hit:
            expected = "collision"
        elif expected is None and is_at(position, task.goal):
            expected = "success"
        elif expected is None and is_at(position, OTHER):
            expected = "wrong-target"
        assert status == expected


@given(inside=st.lists(st.booleans(), min_size=1, max_size=60), hold=st.integers(1, 12))
def test_a_goal_is_held_only_without_a_break(inside: list[bool], hold: int) -> None:
    task = replace(TASK, hold_s=hold * PERIOD_S, stuck_after_s=1e9)
    monitor = TaskMonitor(task, (0.0, 0.0), GOAL, PERIOD_S)
    in_a_row, longest = 0, 0
    for within in inside:
        monitor.update(GOAL if within else FAR, GOAL, None)
        in_a_row = in_a_row + 1 if within else 0
        longest = max(longest, in_a_row)
        assert monitor.held_s == pytest.approx(in_a_row * PERIOD_S)
        assert monitor.status == ("success" if longest >= hold else None)


def _passages(along: list[float]) -> list[Point]:
    """To and fro across the line x = 2 at these y, starting before it."""
    ways = [[(1.0, y), (3.0, y)] if number % 2 == 0 else [(3.0, y), (1.0, y)] for number, y in enumerate(along)]
    return [place for way in ways for place in way]


@pytest.mark.parametrize("turned", [False, True])
@given(along=st.lists(st.floats(-2.9, 2.9).filter(lambda y: abs(y) > 0.01), min_size=1, max_size=9))
def test_the_first_passage_onward_on_the_wrong_side_is_final(along: list[float], turned: bool) -> None:
    ends = (LEFT.asked, LEFT.other) if not turned else (LEFT.asked[::-1], LEFT.other[::-1])
    task = replace(TASK, side=PassingSide("left", *ends))
    statuses = watch(task, [*_passages(along), GOAL])
    wrong = next((number for number, y in enumerate(along) if number % 2 == 0 and y < 0.0), None)
    if wrong is not None:
        assert statuses == [None] * (2 * wrong + 1) + ["wrong-side"] * (len(statuses) - 2 * wrong - 1)
    elif len(along) % 2:
        assert statuses == [None] * (len(statuses) - 1) + ["success"]


def test_going_back_on_the_asked_side_takes_it_back() -> None:
    task = replace(TASK, side=LEFT)
    back_and_around = [*_passages([1.0, 1.0]), (1.0, 9.0), (3.0, 9.0), GOAL]
    assert watch(task, back_and_around)[-1] == "wrong-side"
    assert watch(task, [*_passages([1.0, 1.0, 1.0]), GOAL])[-1] == "success"


def test_coming_back_over_the_asked_line_does_not_make_good_a_wrong_side() -> None:
    loop = [(1.0, -1.0), (3.0, -1.0), (3.0, 1.0), (1.0, 1.0), (3.0, 1.0), GOAL]
    assert watch(replace(TASK, side=LEFT), loop)[-1] == "wrong-side"


@given(steps=st.lists(st.floats(0.0, 0.5), min_size=1, max_size=40), hold_m=st.floats(0.2, 3.0))
def test_a_goal_that_must_be_followed_counts_its_way_while_the_robot_is_near(steps: list[float], hold_m: float) -> None:
    monitor = TaskMonitor(replace(TASK, hold_m=hold_m, stuck_after_s=1e9), (0.0, 0.0), GOAL, PERIOD_S)
    monitor.update(GOAL, GOAL, None)
    x, travelled = GOAL[0], 0.0
    for step in steps:
        x, travelled = x + step, travelled + step
        before = monitor.status
        monitor.update((x, 0.0), (x, 0.0), None)
        assert monitor.held_m == pytest.approx(travelled)
        assert monitor.status == ("success" if before or monitor.held_m >= hold_m else None)
    monitor.update(FAR, (x, 0.0), None)
    assert monitor.held_m == 0.0


def test_whoever_passes_neither_side_has_not_done_as_told() -> None:
    around = [(1.0, 9.0), (3.0, 9.0), GOAL]
    assert watch(replace(TASK, side=LEFT), around)[-1] == "wrong-side"
    assert watch(TASK, around)[-1] == "success"


@given(steps=st.integers(1, 30))
def test_following_a_decoy_as_the_goal_must_be_followed_is_wrong_and_being_passed_is_not(steps: int) -> None:
    decoy = Target("cart", "blue cart", Pose2D(0.0, 0.0), 0.5)
    task = replace(TASK, hold_m=2.0, decoys=(decoy,), stuck_after_s=1e9, time_limit_s=1e9)
    follower, passed = (TaskMonitor(task, (0.0, 0.0), FAR, PERIOD_S, [(0.0, 0.0)]) for _ in range(2))
    for step in range(1, steps + 1):
        place = (0.11 * step, 0.0)
        follower.update(place, FAR, None, [place])
        passed.update((0.0, 0.0), FAR, None, [place])
    assert follower.status == ("wrong-target" if 0.11 * steps >= 2.0 else None)
    assert passed.status is None


@given(limit=st.integers(1, 60))
def test_time_runs_out_after_whole_periods_and_not_one_earlier(limit: int) -> None:
    statuses = watch(replace(TASK, time_limit_s=limit * PERIOD_S), circle(limit))
    assert statuses == [None] * (limit - 1) + ["timeout"]


@given(moving=st.integers(0, 20), patience=st.integers(1, 30))
def test_a_robot_is_stuck_so_long_after_it_last_got_on(moving: int, patience: int) -> None:
    task = replace(TASK, stuck_after_s=patience * PERIOD_S)
    walk = [(-0.2 * step, 0.0) for step in range(1, moving + 1)]
    x = -0.2 * moving
    trembling = [(x + 0.1 * (-1) ** step, 0.05) for step in range(patience)]
    assert watch(task, walk + trembling) == [None] * (moving + patience - 1) + ["stuck"]


@given(step_m=st.floats(0.151, 0.4), steps=st.integers(1, 60))
def test_whoever_gets_on_is_not_stuck(step_m: float, steps: int) -> None:
    task = replace(TASK, stuck_after_s=2 * PERIOD_S)
    assert set(watch(task, [(-step_m * step, 0.0) for step in range(1, steps + 1)])) == {None}


def test_time_that_runs_out_while_the_goal_is_reached_is_a_success() -> None:
    assert watch(replace(TASK, time_limit_s=PERIOD_S), [GOAL]) == ["success"]


def test_a_robot_may_start_at_its_goal() -> None:
    monitor = TaskMonitor(TASK, GOAL, GOAL, PERIOD_S)
    assert (monitor.status, monitor.held_s) == ("success", pytest.approx(PERIOD_S))
    assert TaskMonitor(replace(TASK, hold_s=1.0), GOAL, GOAL, PERIOD_S).status is None


def test_a_goal_that_moves_is_reached_where_it_is() -> None:
    monitor = TaskMonitor(TASK, (0.0, 0.0), GOAL, PERIOD_S)
    monitor.update(GOAL, FAR, None)
    assert monitor.status is None
    monitor.update(FAR, FAR, None)
    assert monitor.status == "success"


@given(position=near, hold=st.sampled_from([{}, {"hold_s": 0.5}, {"hold_m": 0.5}]))
def test_only_a_goal_that_need_not_be_held_ends_the_episode_on_arrival(position: Point, hold: dict[str, float]) -> None:
    monitor = TaskMonitor(replace(TASK, **hold), (0.0, 0.0), GOAL, PERIOD_S)
    assert monitor.ends_on_arrival(position, GOAL) == (not hold and is_at(position, TASK.goal))
    assert (monitor.status, monitor.held_s) == (None, 0.0)
