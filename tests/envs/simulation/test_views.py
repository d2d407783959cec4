"""Views for people show what they should: the map the whole world, the follower the robot and no wall's back."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.simulation.simulation import Simulation
from envs.simulation.views import BEHIND_M, CUT_HEIGHT_M, map_view, moving_places, third_person_view
from scenarios.geometry import Bounds, Pose2D
from scenarios.world import Box, Item, Target, Task, World

MAP_MARGIN_M = 0.25
ROOM = Bounds(-4.0, -3.0, 6.0, 3.0)
ORIGIN = Pose2D(0.0, 0.0)
WALL_X = 1.0  # of an inner wall across the room


def _world(bounds: Bounds, start: Pose2D = ORIGIN, *items: Item) -> World:
    task = Task(Target("cup", "red cup", Pose2D(3.0, 0.0), 0.5))
    return World("test", items, start, task, "go", bounds, 0.2)


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    simulation = Simulation()
    yield simulation
    simulation.close()


coordinates = st.floats(-20.0, 20.0)
sizes = st.floats(1.0, 30.0)


@given(x=coordinates, y=coordinates, length=sizes, width=sizes, aspect=st.floats(0.3, 3.0))
def test_the_map_shows_the_whole_world_as_large_as_fits(
    x: float, y: float, length: float, width: float, aspect: float
) -> None:
    view = map_view(_world(Bounds(x, y, x + length, y + width)), aspect)
    assert view.eye[:2] == view.target[:2] == pytest.approx((x + length / 2, y + width / 2))
    seen = (view.eye[2] - CUT_HEIGHT_M) * math.tan(math.radians(view.fov_deg) / 2)  # half the height, where it is cut
    used = (width / 2 + MAP_MARGIN_M) / seen, (length / 2 + MAP_MARGIN_M) / (seen * aspect)
    assert max(used) == pytest.approx(1.0)
    assert view.near_m == pytest.approx(view.eye[2] - CUT_HEIGHT_M)  # ceilings are cut off
    assert view.far_m > view.eye[2]  # the floor is not


def test_the_map_has_x_to_the_right_and_y_up() -> None:
    view = map_view(_world(ROOM))
    gaze = np.array(view.target) - np.array(view.eye)
    assert view.up == (0.0, 1.0, 0.0)
    assert np.cross(gaze, view.up)[0] > 0.0


def test_in_the_open_the_eye_is_behind_the_robot_and_looks_ahead(simulation: Simulation) -> None:
    simulation.reset(_world(ROOM, Pose2D(1.0, 0.5, 0.4)))
    view = third_person_view(simulation)
    behind = Pose2D(1.0, 0.5, 0.4).to_local(view.eye[:2])
    assert behind == pytest.approx((-BEHIND_M, 0.0), abs=1e-6)
    assert Pose2D(1.0, 0.5, 0.4).to_local(view.target[:2]) == pytest.approx((1.0, 0.0), abs=1e-6)
    assert view.eye[2] > view.target[2]


@settings(max_examples=50, deadline=None)
@given(
    x=st.floats(ROOM.x_min + 0.3, ROOM.x_max - 0.3).filter(lambda x: abs(x - WALL_X) > 0.5),
    y=st.floats(ROOM.y_min + 0.3, ROOM.y_max - 0.3),
    yaw=st.floats(-math.pi, math.pi),
)
def test_the_eye_stays_in_the_world_and_on_the_robots_side_of_a_wall(
    simulation: Simulation, x: float, y: float, yaw: float
) -> None:
    wall = Item("wall", "wall", Box((0.1, 20.0, 2.5)), Pose2D(WALL_X, 0.0), 1.25, (0.5, 0.5, 0.5, 1.0), "wall")
    simulation.reset(_world(ROOM, Pose2D(x, y, yaw), wall))
    eye = third_person_view(simulation).eye
    assert ROOM.x_min < eye[0] < ROOM.x_max
    assert ROOM.y_min < eye[1] < ROOM.y_max
    assert (eye[0] < WALL_X) == (x < WALL_X)


def test_places_change_with_what_moves_alone(simulation: Simulation) -> None:
    still, loose = (
        Item(name, name, Box((0.4, 0.4, 0.4)), Pose2D(2.0, y), 0.2, (1.0, 1.0, 1.0, 1.0), "obstacle", mass_kg=mass_kg)
        for name, y, mass_kg in (("still", 1.0, 0.0), ("loose", -1.0, 1.0))
    )
    simulation.reset(_world(ROOM, ORIGIN, still, loose))
    before = moving_places(simulation)
    assert set(before) == {"", "loose"}
    assert moving_places(simulation) == before
    assert before["loose"].radius_m >= math.hypot(0.2, 0.2)
    snapshot = simulation.snapshot()
    snapshot[0] += 0.1
    simulation.restore_snapshot(snapshot)
    after = moving_places(simulation)
    assert after["loose"] == before["loose"]
    assert after[""].x == pytest.approx(before[""].x + 0.1, abs=2e-3)
    snapshot[-4:] = (0.0, 0.0, math.sin(0.3), math.cos(0.3))  # the box turns
    simulation.restore_snapshot(snapshot)
    assert moving_places(simulation)["loose"] != before["loose"]
