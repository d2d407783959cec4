from dataclasses import replace

import numpy as np
import pytest

from envs.simulation.simulation import Simulation
from scenarios.geometry import Pose2D
from scenarios.lookup import get_scenario
from sim.record.drivers.key_press_planner import RECORDS_PER_EPISODE, STEP_M, TeleopStyleRanges, plan_key_presses
from sim.record.drivers.teleop import SCENARIO, execute_presses

HABIT = TeleopStyleRanges().draw(np.random.default_rng(0))


def world(number):
    return get_scenario(SCENARIO).world(1000, number)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_way_leads_round_the_asked_side(number):
    asked = world(number)
    side = asked.task.side
    other = replace(asked, task=replace(asked.task, side=replace(side, asked=side.other, other=side.asked)))
    simulation = Simulation()
    try:
        for each in (asked, other):
            actions = plan_key_presses(each, HABIT)
            assert execute_presses(each, actions, simulation)[0] in ("success", "collision")  # never the wrong side
        assert not np.array_equal(plan_key_presses(asked, HABIT), plan_key_presses(other, HABIT))
    finally:
        simulation.close()


def test_a_goal_out_of_reach_has_no_presses():
    near = world(0)
    goal = replace(near.task.goal, pose=Pose2D(near.start.x + 9.0, near.start.y))
    assert plan_key_presses(replace(near, task=replace(near.task, goal=goal)), HABIT) is None


def test_without_anything_in_the_way_the_keys_lead_straight_on():
    asked = world(0)
    x = asked.start.x + 16.5 * STEP_M + asked.task.goal.radius_m  # in reach of the 17th press
    goal = replace(asked.task.goal, pose=Pose2D(x, asked.start.y))
    items = tuple(item for item in asked.items if item.role == "floor")
    wall = replace(asked.items[0], role="wall", pose=Pose2D(-50.0, 0.0))  # far off; a world without any has no map
    empty = replace(
        asked,
        items=(*items, wall),
        start=Pose2D(asked.start.x, asked.start.y),
        task=replace(asked.task, goal=goal, side=None),
    )
    straight = np.float32([[0, 0, 0], *[[1, 0, 0]] * (RECORDS_PER_EPISODE - 1)])
    assert np.array_equal(plan_key_presses(empty, replace(HABIT, stop_left_m=0.0)), straight)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_who_means_to_stop_beside_the_goal_ends_farther_to_that_side(number):
    right, left = (plan_key_presses(world(number), replace(HABIT, stop_left_m=aim))[:, 1].sum() for aim in (-0.5, 0.5))
    assert right < left
