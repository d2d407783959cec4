"""Laws of motions: whoever drives the velocity for the period arrives at the displacement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.formats.motion import (
    displacements_to_velocities,
    positions_to_velocities,
    waypoints_to_displacements,
)

PERIOD_S = 0.2
place = st.floats(-2, 2)
angle = st.floats(-3, 3)


def drive(velocities: np.ndarray) -> np.ndarray:
    """Integrate body velocities (c, 3), each for a period, in many small steps; the poses (c, 3) after each."""
    pose, poses, parts = np.zeros(3), [], 4000
    for vx, vy, wz in velocities:
        for _ in range(parts):
            heading = pose[2] + wz * PERIOD_S / parts / 2.0
            cos, sin = np.cos(heading), np.sin(heading)
            pose = pose + np.array([cos * vx - sin * vy, sin * vx + cos * vy, wz]) * PERIOD_S / parts
        poses.append(pose)
    return np.array(poses)


@pytest.mark.parametrize(
    ("displacement", "velocity"),
    [
        ((0.1, -0.2, 0.0), (0.5, -1.0, 0.0)),
        ((0.0, 0.0, 0.3), (0.0, 0.0, 1.5)),
        ((1.0, 1.0, np.pi / 2), (np.pi / 2 / PERIOD_S, 0.0, np.pi / 2 / PERIOD_S)),  # a quarter circle of radius 1
    ],
)
def test_velocities_by_hand(displacement, velocity):
    np.testing.assert_allclose(displacements_to_velocities(np.array([displacement]), PERIOD_S), [velocity], atol=1e-9)


@given(place, place, angle)
def test_driving_the_velocity_ends_at_the_displacement(dx, dy, turn):
    velocities = displacements_to_velocities(np.array([[dx, dy, turn]]), PERIOD_S)
    np.testing.assert_allclose(drive(velocities)[0], [dx, dy, turn], atol=1e-5)


@given(st.lists(st.tuples(place, place, angle), min_size=1, max_size=4))
def test_driving_a_chunk_of_way_points_passes_each_of_them(waypoints):
    steps = waypoints_to_displacements(np.array([waypoints]))
    poses = drive(displacements_to_velocities(steps, PERIOD_S)[0])
    np.testing.assert_allclose(poses[:, :2], np.array(waypoints)[:, :2], atol=1e-4)
    np.testing.assert_allclose(np.exp(1j * poses[:, 2]), np.exp(1j * np.array(waypoints)[:, 2]), atol=1e-5)


@pytest.mark.parametrize(
    ("position", "velocity"),
    [
        ((0.4, 0.0), (2.0, 0.0, 0.0)),
        ((-0.4, 0.0), (-2.0, 0.0, 0.0)),
        ((1.0, 1.0), (np.pi / 2 / PERIOD_S, 0.0, np.pi / 2 / PERIOD_S)),
        (
            (-1.0, 1.0),
            (-np.pi / 2 / PERIOD_S, 0.0, -np.pi / 2 / PERIOD_S),
        ),  # backwards to the left: the nose turns right
        ((0.0, 0.0), (0.0, 0.0, 0.0)),
    ],
)
def test_arcs_by_hand(position, velocity):
    np.testing.assert_allclose(positions_to_velocities(np.array([[position]]), PERIOD_S)[0], [velocity], atol=1e-9)


@given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(-1, 1)), min_size=1, max_size=4))
def test_a_robot_that_cannot_move_sideways_passes_each_position(steps):
    positions = np.cumsum(np.array(steps), axis=0)
    velocities = positions_to_velocities(positions[None], PERIOD_S)[0]
    assert not velocities[:, 1].any()
    np.testing.assert_allclose(drive(velocities)[:, :2], positions, atol=1e-4)
