"""Laws of the camera's line of sight."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traces import make_item, make_world

from scenarios.geometry import Pose2D
from scenarios.robot import CAMERA_POSITION_M
from scenarios.world import Box, CameraOffset, Compound, CompoundPart, Conditions, Cylinder, MovingItem, Route
from sim.metrics.visibility import goal_positions, is_goal_visible

HERE = Pose2D(0.0, 0.0)


def sees(world, pose=HERE, progress=()):
    poses = np.array([[pose.x, pose.y, pose.yaw]])
    return bool(is_goal_visible(world, poses, np.array([progress], dtype=float).reshape(1, -1))[0])


@pytest.mark.parametrize(
    ("yaw_deg", "seen"), [(0, True), (44, True), (-44, True), (49, False), (-49, False), (180, False)]
)
def test_the_goal_is_seen_within_half_the_field_of_view(yaw_deg, seen):
    assert sees(make_world(), Pose2D(0.0, 0.0, math.radians(yaw_deg))) is seen
    assert sees(make_world(), Pose2D(0.0, 0.0, math.radians(yaw_deg + 360))) is seen


def test_a_camera_that_is_turned_or_narrowed_sees_accordingly():
    aside = Pose2D(0.0, 0.0, math.radians(60))
    turned = make_world(conditions=Conditions(mount=CameraOffset(yaw=-math.radians(30))))
    narrow = make_world(conditions=Conditions(mount=CameraOffset(fov_factor=0.5)))
    assert not sees(make_world(), aside)
    assert sees(turned, aside)
    assert sees(make_world(), Pose2D(0.0, 0.0, 0.6))
    assert not sees(narrow, Pose2D(0.0, 0.0, 0.6))


@pytest.mark.parametrize(
    ("item", "seen"),
    [
        (make_item("wall", Box((0.1, 4.0, 2.5)), 3.0, 0.0, role="wall"), False),
        (make_item("turned wall", Box((4.0, 0.1, 2.5)), 3.0, 0.0, math.pi / 2, role="wall"), False),
        (make_item("wall behind the goal", Box((0.1, 4.0, 2.5)), 6.5, 0.0, role="wall"), True),
        (make_item("wall behind the robot", Box((0.1, 4.0, 2.5)), -1.0, 0.0, role="wall"), True),
        (make_item("wall beside the way", Box((4.0, 0.1, 2.5)), 3.0, 0.4, role="wall"), True),
        (make_item("low box", Box((0.2, 1.0, 0.3)), 1.0, 0.0), True),
        (make_item("low box close to the goal", Box((0.2, 1.0, 0.35)), 5.6, 0.0), False),
        (make_item("lintel", Box((0.1, 4.0, 0.5)), 3.0, 0.0, role="wall", bottom=2.0), True),
        (make_item("pillar", Cylinder(0.4, 2.0), 3.0, 0.0), False),
        (make_item("pillar beside the way", Cylinder(0.4, 2.0), 3.0, 0.6), True),
        (make_item("low drum", Cylinder(0.4, 0.3), 1.0, 0.0), True),
        (make_item("narrow pole", Cylinder(0.03, 2.0), 3.0, 0.0), True),
        (make_item("carpet", Box((4.0, 4.0, 2.0)), 3.0, 0.0, role="decor"), True),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_only_items_between_camera_and_goal_hide_the_goal(item, seen):
    assert sees(make_world(item)) is seen


def test_the_goal_is_visible_between_the_legs_of_a_table():
    top = CompoundPart(Box((0.8, 1.6, 0.04)), (0.0, 0.0, 0.36))
    legs = tuple(CompoundPart(Box((0.05, 0.05, 0.72)), (0.0, y, 0.0)) for y in (-0.75, 0.75))
    hull = Box((0.8, 1.6, 0.76))
    assert sees(make_world(make_item("table", Compound((top, *legs), hull), 3.0, 0.0)))
    assert not sees(make_world(make_item("crate", hull, 3.0, 0.0)))


def test_a_mover_hides_the_goal_only_while_it_is_in_the_way():
    route = Route(((3.0, -2.0), (3.0, 2.0)), speed_mps=1.0)
    world = make_world(make_item("person", Cylinder(0.3, 1.7), 3.0, -2.0), movers=(MovingItem("person", route),))
    poses = np.zeros((5, 3))
    assert is_goal_visible(world, poses, np.array([[0.0], [1.0], [2.0], [3.0], [6.0]])).tolist() == [
        *(True, True, False, True),
        False,  # on its way back
    ]


def test_a_moving_goal_is_tested_at_its_current_position():
    route = Route(((6.0, 0.0), (0.0, 6.0)), speed_mps=1.0)
    world = make_world(movers=(MovingItem("ball", route),))
    progress = np.array([[0.0], [8.0]])
    assert goal_positions(world, progress)[0].tolist() == [6.0, 0.0]
    assert is_goal_visible(world, np.zeros((2, 3)), progress).tolist() == [True, False]


@settings(deadline=None, max_examples=60)
@given(*[st.floats(-3.0, 3.0)] * 4, st.floats(0.1, 1.0), st.floats(-3.2, 3.2))
def test_a_box_hides_the_goal_exactly_if_a_point_of_the_line_lies_in_it(robot_y, x, y, yaw, width, turn):
    """Compare with points along the line to the goal's middle; box and goal make only the floor plan count."""
    box = Box((width, 2 * width, 5.0))
    world = make_world(make_item("box", box, 3.0 + x / 2, y, turn, role="wall"))
    pose = Pose2D(0.0, robot_y, math.atan2(-robot_y, 6.0))
    eye = np.array([math.cos(pose.yaw) * CAMERA_POSITION_M[0], robot_y + math.sin(pose.yaw) * CAMERA_POSITION_M[0]])
    side = np.array([-math.sin(pose.yaw), math.cos(pose.yaw)]) * 0.7 * 0.16

    def inside(goal):
        along = eye + np.linspace(0.0, 1.0, 4001)[:, None] * (goal - eye) - [3.0 + x / 2, y]
        ahead = np.abs(along @ [math.cos(turn), math.sin(turn)])
        left = np.abs(along @ [-math.sin(turn), math.cos(turn)])
        depth = np.minimum(width / 2 - ahead, width - left).max()
        return depth

    depths = [inside(np.array([6.0, 0.0]) + offset) for offset in (0.0 * side, side, -side)]
    if min(abs(depth) for depth in depths) < 5e-3:
        return  # too close to an edge for the sampled points
    assert sees(world, pose) is any(depth < 0.0 for depth in depths)
