from __future__ import annotations

import math

import numpy as np
import pytest

from policies.reference.driving.motion import Motion
from policies.reference.driving.steering import TARGET_BERTH_M, drive_to, follow_target, turn_on_the_spot
from policies.reference.driving.tracks import Track
from policies.reference.vocabulary import COLOURS, KINDS
from scenarios.robot import ACTION_SCALE

POSE = np.zeros(3)


def open_floor(points: np.ndarray) -> np.ndarray:
    return np.full(np.shape(points)[:-1], 2.0)


def wall_at(x: float):
    return lambda points: x - np.asarray(points)[..., 0]


def track(x: float, y: float, velocity: tuple[float, float] = (0.0, 0.0)) -> Track:
    return Track(
        np.array([x, y]),
        np.zeros(len(KINDS)),
        np.zeros(len(COLOURS)),
        1.0,
        1.0,
        Motion(np.array([x, y]), np.eye(2)),
        velocity=np.array(velocity),
        count=9,
    )


def test_it_drives_straight_to_a_point_ahead() -> None:
    action = drive_to(np.array([2.0, 0.0]), POSE, open_floor, [], 1.0)
    assert action == pytest.approx([0.95, 0.0, 0.0], abs=1e-6)


def test_it_turns_to_what_is_aside_and_drives_there_slowly() -> None:
    action = drive_to(np.array([0.0, 2.0]), POSE, open_floor, [], 1.0)
    assert action[2] == 1.0
    assert np.hypot(*action[:2]) <= 0.15 + 1e-6


def test_points_are_relative_to_where_the_robot_looks() -> None:
    pose = np.array([1.0, 1.0, math.pi / 2])
    assert drive_to(np.array([1.0, 3.0]), pose, open_floor, [], 1.0) == pytest.approx([0.95, 0.0, 0.0], abs=1e-6)


def test_it_slows_down_where_it_is_narrow() -> None:
    narrow = drive_to(np.array([2.0, 0.0]), POSE, lambda at: np.full(np.shape(at)[:-1], 0.05), [], 1.0)
    assert 0.3 < narrow[0] < 0.6


def test_it_turns_aside_from_what_it_would_touch() -> None:
    action = drive_to(np.array([2.0, 0.0]), POSE, wall_at(0.15), [], 1.0)
    reached = action[:2] * ACTION_SCALE * 0.4
    assert wall_at(0.15)(reached) >= 0.0


def test_it_gives_way_to_one_who_crosses_its_way() -> None:
    aim = np.array([3.0, 0.0])
    crossing = [track(1.0, -0.8, (0.0, 0.8))]
    action = drive_to(aim, POSE, open_floor, crossing, 1.0)
    after_s = np.arange(0.1, 2.0, 0.1)[:, None]
    robot, person = action[:2] * ACTION_SCALE * after_s, crossing[0].xy + crossing[0].velocity * after_s
    straight = np.array([0.95, 0.0]) * ACTION_SCALE * after_s
    assert np.hypot(*(robot - person).T).min() > np.hypot(*(straight - person).T).min()


def test_one_who_is_far_away_changes_nothing() -> None:
    aim = np.array([3.0, 0.0])
    assert drive_to(aim, POSE, open_floor, [track(3.0, 3.0)], 1.0) == pytest.approx(
        drive_to(aim, POSE, open_floor, [], 1.0), abs=1e-6
    )


def test_beside_a_target_that_stands_it_stays_and_faces_it() -> None:
    action = follow_target(track(0.0, 0.78), POSE, open_floor, [], 1.0)
    assert np.hypot(*action[:2]) < 0.01
    assert action[2] == 1.0


def test_it_moves_as_its_target_does() -> None:
    action = follow_target(track(0.78, 0.0, (0.0, 0.5)), POSE, open_floor, [], 1.0)
    assert action[:2] * ACTION_SCALE == pytest.approx([0.0, 0.5], abs=0.02)


def test_it_keeps_away_from_others_while_it_follows() -> None:
    alone = follow_target(track(1.2, 0.0), POSE, open_floor, [], 1.0)
    beside = follow_target(track(1.2, 0.0), POSE, open_floor, [track(0.7, 0.1)], 1.0)
    near, far = (np.hypot(*(np.array([0.7, 0.1]) - 0.4 * ACTION_SCALE * action[:2])) for action in (alone, beside))
    assert near < TARGET_BERTH_M <= far + 1e-6


def test_it_looks_to_both_sides() -> None:
    assert turn_on_the_spot(-0.5) == pytest.approx([0.0, 0.0, -0.5])
