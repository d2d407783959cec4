"""Laws of the failure kinds, each on a hand-made trace and on one that is just outside the kind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traces import GOAL, make_item, make_trace, make_world, poses_of

from scenarios.world import Box, MovingItem, Route
from sim.metrics.failures import FAILURES, classify_failure, count_reversals, find_collided_item, is_oscillating
from sim.results.row import STATUSES
from sim.rollout.episode import Outcome

WALL = make_item("wall", Box((0.1, 6.0, 2.5)), 4.0, 0.0, role="wall")
AWAY = math.pi  # yaw of a robot that faces away from the goal


def kind(poses, status="timeout", world=None, **values):
    trace = make_trace(poses, **values)
    return classify_failure(trace, world or make_world(), Outcome(status, trace.steps))


def wave(amplitude, period_s, about=0.0, drift=0.0):
    return lambda t: about + drift * t + amplitude * np.sin(2 * np.pi * t / period_s)


def test_a_success_is_no_failure_and_every_status_has_a_kind():
    assert kind(poses_of(), "success") is None
    assert set(FAILURES) >= set(STATUSES) - {"success"}


@pytest.mark.parametrize("status", ["collision", "wrong-target", "wrong-side", "policy-fault"])
def test_a_precise_status_stays_whatever_the_trace(status):
    assert kind(poses_of(x=wave(0.5, 2.0), yaw=AWAY), status) == status


def test_the_item_that_was_hit_is_named_by_its_label():
    world = make_world(make_item("blue-box", Box((0.5, 0.5, 0.5)), 2.0, 0.0))
    assert find_collided_item(make_trace(poses_of(), touched="blue-box"), world) == "blue box"
    assert find_collided_item(make_trace(poses_of()), world) is None


@pytest.mark.parametrize(
    ("poses", "expected"),
    [
        (poses_of(x=wave(0.3, 3.0)), "oscillating"),  # to and fro
        (poses_of(x=wave(1.5, 3.2)), "oscillating"),  # a wide swing
        (poses_of(y=wave(0.06, 3.0)), "oscillating"),  # swings of 12 cm
        (poses_of(y=wave(0.045, 3.0)), "timeout"),  # of 9 cm: too small
        (poses_of(x=wave(0.3, 4.5)), "timeout"),  # too slow: 3 reversals in 8 s
        (poses_of(yaw=wave(math.radians(10), 3.0)), "oscillating"),  # left and right by 20 degrees
        (poses_of(yaw=wave(math.radians(7), 3.0)), "timeout"),  # by 14 degrees
        (poses_of(x=lambda t: 0.1 * t, yaw=wave(0.4, 3.0)), "timeout"),  # progress of 0.8 m in 8 s
        (poses_of(x=lambda t: 0.05 * t, yaw=wave(0.4, 3.0)), "oscillating"),  # progress of 0.4 m in 8 s
        (poses_of(x=wave(0.3, 3.0, drift=0.2)), "timeout"),  # 1.6 m of 4 m: more than a third
        (poses_of(x=wave(0.3, 3.0, drift=0.09)), "oscillating"),  # 0.7 m of 3 m
        (poses_of(x=lambda t: np.cos(2 * t), y=lambda t: np.sin(2 * t)), "timeout"),  # in a circle
        (poses_of(x=lambda t: np.cos(2 * t), y=lambda t: 0.4 * np.sin(2 * t)), "oscillating"),  # in a flat ellipse
        (poses_of(x=lambda t: np.where(t < 20, 0.3 * np.sin(2 * t), 0.1 * (t - 20))), "timeout"),  # it recovered
    ],
)
def test_a_timeout_that_ends_moving_to_and_fro_is_oscillating(poses, expected):
    assert kind(poses) == expected


def test_a_yaw_that_wraps_around_is_not_an_oscillation():
    spinning = poses_of(yaw=lambda t: 1.1 * t)
    spinning[:, 2] = np.angle(np.exp(1j * spinning[:, 2]))
    assert not is_oscillating(spinning)


@settings(deadline=None)
@given(st.lists(st.integers(-128, 128), min_size=1, max_size=40), st.integers(3, 64))
def test_reversals_are_the_same_for_the_mirrored_and_the_shifted_signal(values, swing):
    signal, swing = np.array(values) / 64, swing / 64  # exact in binary: a shift rounds no swing below its threshold
    turns = count_reversals(signal, swing)
    assert turns == count_reversals(-signal, swing) == count_reversals(signal + 1.0, swing)
    assert turns <= max(0, len(values) - 2)


def test_reversals_by_hand():
    assert count_reversals(np.array([0.0, 1.0, 0.0, 1.0, 0.0]), 0.5) == 3
    assert count_reversals(np.array([0.0, 1.0, 0.7, 1.0, 0.0]), 0.5) == 1  # the dip is too small
    assert count_reversals(np.array([0.0, 0.4, 0.0, 0.4, 0.0]), 0.5) == 0


def seen_until(seconds, of=30.0):
    """A robot that stands 3 m from the goal, facing it and then facing away."""
    return poses_of(x=3.0, yaw=lambda t: np.where(t <= seconds, 0.0, AWAY), seconds=of)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(30.0, "timeout"), (26.0, "timeout"), (25.5, "timeout"), (25.0, "lost"), (10.0, "lost")],
)
def test_a_timeout_is_lost_if_the_goal_was_out_of_sight_for_most_of_the_last_8_s(seconds, expected):
    assert kind(seen_until(seconds)) == expected


def test_a_timeout_is_lost_if_the_goal_was_out_of_sight_for_most_of_the_episode():
    late = poses_of(x=3.0, yaw=lambda t: np.where(t < 22.0, AWAY, 0.0))
    less_late = poses_of(x=3.0, yaw=lambda t: np.where(t < 17.5, AWAY, 0.0))
    assert kind(late) == "lost"
    assert kind(less_late) == "timeout"


def test_a_robot_that_approaches_the_goal_behind_a_wall_is_not_lost():
    behind = poses_of(x=3.0)
    assert kind(behind) == "timeout"
    assert kind(behind, world=make_world(WALL)) == "lost"
    assert kind(behind, world=make_world(WALL), to_goal_m=np.linspace(9.0, 6.9, 301)) == "timeout"  # 0.56 m in 8 s
    assert kind(behind, world=make_world(WALL), to_goal_m=np.linspace(9.0, 7.5, 301)) == "lost"  # 0.40 m


def test_a_goal_that_comes_nearer_by_itself_does_not_excuse_a_robot_that_has_lost_it():
    chase = make_world(movers=(MovingItem("ball", Route(((GOAL.x, 0.0), (GOAL.x, 2.0)), 0.4)),))
    nearer = {"to_goal_m": np.linspace(9.0, 2.0, 301), "progress": np.linspace(0.0, 12.0, 301)[:, None]}
    assert kind(poses_of(yaw=AWAY), world=chase, **nearer) == "lost"
    assert kind(poses_of(), world=chase, **nearer) == "timeout"


@pytest.mark.parametrize(
    ("yaw", "expected"),
    [
        (0.0, "stuck"),
        (AWAY, "stuck"),  # it stands and faces away
        (lambda t: AWAY + 0.3 * t, "stuck"),  # 2.4 rad: less than half a turn
        (lambda t: 1.1 * t, "lost"),  # it spins
        (lambda t: AWAY - 0.6 * np.abs(t - 15.0), "lost"),  # it looks around once, turning 4.8 rad
        (wave(0.6, 3.0), "oscillating"),
    ],
)
def test_a_stuck_robot_is_lost_only_if_it_looked_around(yaw, expected):
    assert kind(poses_of(yaw=yaw, seconds=19.0), "stuck") == expected


def test_only_the_time_after_which_a_robot_counts_as_stuck_matters():
    poses = poses_of(yaw=lambda t: np.where(t < 4.0, wave(0.6, 1.5)(t), 0.0), seconds=8.0)
    assert kind(poses, "stuck") == "oscillating"
    assert kind(poses, "stuck", make_world(stuck_after_s=4.0)) == "stuck"


def test_an_episode_shorter_than_the_window_is_judged_as_a_whole():
    assert kind(poses_of(yaw=AWAY, seconds=3.0)) == "lost"
    assert kind(poses_of(seconds=3.0)) == "timeout"
