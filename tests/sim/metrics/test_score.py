"""Laws of the score of a finished episode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from traces import make_item, make_trace, make_world

from scenarios.geometry import Pose2D
from scenarios.world import Box, MovingItem, Route, Target
from sim.metrics.navigation import CRUISE_MPS
from sim.metrics.registry import metric_names
from sim.metrics.score import score_episode
from sim.rollout.episode import Outcome
from sim.rollout.trace import EpisodeTrace


def straight_trace(steps: int, **values) -> EpisodeTrace:
    """Make a trace that drives straight at 1 m/s; the shortest path is 2 m."""
    x = 0.1 * np.arange(steps + 1)
    actions = np.tile(np.float32([0.5, 0.0, 0.0]), (steps, 1))
    plain = {
        "actions": actions,
        "labels": actions + np.float32([0.3, 0.0, 0.0]),
        "clearance_m": 1.0 - 0.1 * x,
        "policy_ms": np.resize([9.0, 1.0, 2.0, 1.5, 2.0], steps),
        "call_ms": np.resize([90.0, 10.0, 20.0, 15.0, 20.0], steps),
        "to_goal_m": 2.0 - x,
        "optimal_m": 2.0,
        "reference": np.array([[0.0, 0.0], [2.0, 0.0]]),
    }
    return make_trace(np.stack([x, 0.0 * x, 0.0 * x], axis=1), **{**plain, **values})


WORLD = make_world(make_item("blue-box", Box((0.5, 0.5, 0.5)), 3.0, 0.0))


def test_score_of_half_a_straight_drive_by_hand():
    score = score_episode(straight_trace(5, touched="blue-box"), WORLD, Outcome("collision", 5))
    row = score.metrics
    assert (score.failure, score.touched) == ("collision", "blue box")
    assert row["time_s"] == pytest.approx(0.5)
    assert row["path_m"] == pytest.approx(0.5)
    assert row["optimal_m"] == 2.0
    assert row["path_ratio"] is None
    assert row["time_ratio"] is None
    assert row["spl"] == 0.0
    assert row["soft_spl"] == pytest.approx(0.25)
    assert row["progress"] == pytest.approx(0.25)
    assert row["clearance_m"] == pytest.approx(0.95)
    assert row["risk_s"] == 0.0
    assert row["on_policy_mae"] == pytest.approx(0.1)
    assert (row["policy_ms"], row["policy_call_ms"]) == (2.0, 20.0)
    assert 0.0 < row["ndtw"] < 1.0
    assert row["smoothness"] < 0.0


def test_score_has_every_metric_in_the_order_of_the_registry():
    assert tuple(score_episode(straight_trace(5), WORLD, Outcome("timeout", 5)).metrics) == metric_names()


@pytest.mark.parametrize(
    ("status", "steps", "reached"),
    [
        *(("success", 5, "ball"), ("timeout", 5, None), ("wrong-target", 5, "cone")),
        *(("wrong-side", 5, None), ("wrong-side", 60, "ball")),  # on passing the boxes, or at the goal
    ],
)
def test_the_reached_target_is_the_one_that_ended_the_episode(status, steps, reached):
    others = tuple(Target(name, f"red {name}", Pose2D(x, 0.0), 0.5) for name, x in (("post", 9.0), ("cone", 1.0)))
    score = score_episode(straight_trace(steps), make_world(others=others), Outcome(status, steps))
    assert (score.goal, score.reached) == ("ball", reached)


def test_undefined_metrics_of_an_episode_without_steps_are_none():
    score = score_episode(straight_trace(0), WORLD, Outcome("policy-fault", 0, "raised"))
    row = score.metrics
    assert (score.failure, score.touched) == ("policy-fault", None)
    assert row["smoothness"] is None
    assert row["on_policy_mae"] is None
    assert row["policy_ms"] is None
    assert row["spl"] == 0.0
    assert row["path_m"] == 0.0
    assert row["risk_s"] == 0.0


def test_the_ratios_of_a_success_by_hand():
    # 3 m instead of 2, in 3 s instead of 2 m at 0.95 x 1.15 m/s
    score = score_episode(straight_trace(30), WORLD, Outcome("success", 30))
    row = score.metrics
    assert score.failure is None
    assert row["path_ratio"] == pytest.approx(1.5)
    assert pytest.approx(1.0925) == CRUISE_MPS
    assert row["time_ratio"] == pytest.approx(3.0 / (2.0 / 1.0925))
    assert row["spl"] == pytest.approx(1 / row["path_ratio"])


def test_the_ratios_of_a_robot_that_began_at_the_goal_are_undefined():
    score = score_episode(straight_trace(1, optimal_m=0.0), WORLD, Outcome("success", 1))
    row = score.metrics
    assert row["path_ratio"] is None
    assert row["time_ratio"] is None


def chase():
    return make_world(movers=(MovingItem("ball", Route(((6.0, 0.0), (6.0, 2.0)), 0.4)),), hold_s=3.0)


def test_score_of_a_chase_by_hand():
    # 2 m from the goal at first, 0.5 m at the nearest, 1 m at the end, on 3 m of driving instead of 2.5 m
    left_m = np.interp(np.arange(31), [0, 20, 30], [2.0, 0.5, 1.0])
    trace = straight_trace(30, to_goal_m=left_m, optimal_m=2.5, progress=np.linspace(0.0, 1.2, 31)[:, None])
    failed = score_episode(trace, chase(), Outcome("timeout", 30)).metrics
    assert failed["progress"] == pytest.approx(0.75)
    assert failed["soft_spl"] == pytest.approx(0.5 * 2.5 / 3.0)
    assert failed["ndtw"] is None
    caught = score_episode(replace(trace, to_goal_m=np.minimum(left_m, 0.0)), chase(), Outcome("success", 30)).metrics
    assert caught["spl"] == pytest.approx(2.5 / 3.0)
    assert caught["time_ratio"] == pytest.approx(3.0 / (5.3 + 2.9))  # met after 5.3 s at cruising speed at the earliest
