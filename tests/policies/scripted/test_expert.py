"""The expert's law: forward along the path, eyes ahead, slower where it is tight, an answer in every state."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.policy import ObservationBatch, PrivilegedState
from policies.scripted.expert import ExpertPolicy, compute_expert_action
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner

WORLD = get_scenario("corridor").world(50, 0)
PLANNER = Planner(WORLD)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(-math.pi, math.pi))
def test_every_state_has_a_finite_answer_within_the_limits(u: float, v: float, yaw: float) -> None:
    x_min, y_min, x_max, y_max = WORLD.bounds_m
    action = compute_expert_action(PLANNER, np.array([x_min + u * (x_max - x_min), y_min + v * (y_max - y_min), yaw]))
    assert action.shape == (3,)
    assert np.all(np.isfinite(action))
    assert np.all(np.abs(action) <= 1.0)


@given(st.floats(-math.pi, math.pi))
@settings(max_examples=30, deadline=None)
def test_the_direction_of_travel_does_not_depend_on_the_heading(yaw: float) -> None:
    def direction(heading: float) -> float:
        vx, vy, _ = compute_expert_action(PLANNER, np.array([WORLD.start.x, WORLD.start.y, heading]))
        return math.atan2(vy, vx) + heading

    assert math.remainder(direction(yaw) - direction(0.0), math.tau) == pytest.approx(0.0, abs=1e-4)


def test_it_turns_towards_where_its_path_leads() -> None:
    x, y = WORLD.start.x, WORLD.start.y
    assert compute_expert_action(PLANNER, np.array([x, y, 1.5]))[2] < 0
    assert compute_expert_action(PLANNER, np.array([x, y, -1.5]))[2] > 0


def test_answers_of_a_batch_are_those_of_each_slot_alone() -> None:
    worlds = [get_scenario("corridor").world(50, episode) for episode in range(3)]
    poses = [np.array([w.start.x, w.start.y, w.start.yaw]) for w in worlds]
    expert = ExpertPolicy()
    expert.reset([0, 1, 2], [w.instruction for w in worlds])
    truth = tuple(PrivilegedState(w, pose) for w, pose in zip(worlds, poses, strict=True))
    live = np.array([True, False, True])
    actions = expert.act(ObservationBatch(None, np.zeros((3, 6), np.float32), live, truth))
    assert np.array_equal(actions[0], compute_expert_action(Planner(worlds[0]), poses[0]))
    assert np.array_equal(actions[1], np.zeros(3))
    assert np.array_equal(actions[2], compute_expert_action(Planner(worlds[2]), poses[2]))


def test_without_the_truth_it_says_so() -> None:
    with pytest.raises(ValueError, match="sees the true world"):
        ExpertPolicy().act(ObservationBatch(None, np.zeros((1, 6), np.float32), np.array([True])))


def test_it_gives_way_to_a_goal_that_comes_and_goes_along_with_one_that_leaves() -> None:
    world = get_scenario("pursuit").world(50, 0)
    planner, number = Planner(world), [m.name for m in world.movers].index(world.task.goal.name)
    progress = [mover.route.start_m for mover in world.movers]
    here, there = (world.movers[number].route.pose_at(progress[number] + ahead) for ahead in (0.0, 0.05))
    going = np.array([there.x - here.x, there.y - here.y]) / 0.05
    for side in (1.0, -1.0):  # in its way, and behind it
        place = np.array([here.x, here.y]) + side * 0.7 * going
        vx, vy, _ = compute_expert_action(planner, np.array([*place, 0.0]), progress)
        assert (vx * going[0] + vy * going[1]) > 0.1
