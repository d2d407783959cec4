from __future__ import annotations

import math

import numpy as np
import pytest

from policies.reference.driving.hall_axis import HallAxis, turn_points
from policies.reference.panorama import RAYS
from policies.reference.sighting import Sighting
from scenarios.registry import SCENARIOS


def test_points_turn_counterclockwise_and_back() -> None:
    points = np.array([[1.0, 0.0], [0.0, 2.0]])
    assert turn_points(points, math.pi / 2) == pytest.approx(np.array([[0.0, 1.0], [-2.0, 0.0]]))
    axis = HallAxis()
    axis.angle = 0.3
    assert axis.from_hall(axis.to_hall(points)) == pytest.approx(points)


@pytest.mark.parametrize("family", ["corridor", "rooms", "doorway", "box-detour"])
def test_the_axis_is_that_of_the_walls_however_the_robot_starts(family: str, see_truly) -> None:
    off = []
    for episode in range(6):
        world, axis = SCENARIOS[family].world(2302, episode), HallAxis()
        for step in range(20):
            turn = 0.5 * math.sin(0.3 * step)
            sighting = see_truly(world, np.array([*world.start.xy, world.start.yaw + turn]), step=step)
            axis.update(np.array([0.0, 0.0, turn]), sighting)
        quarter = math.pi / 2
        off.append(abs(math.remainder(axis.angle + world.start.yaw, quarter)))
    assert np.median(off) < math.radians(2.0)
    assert max(off) < math.radians(8.0)


def test_without_walls_it_is_the_way_ahead() -> None:
    axis, far = HallAxis(), np.full(RAYS, 9.0)
    for _ in range(20):
        axis.update(np.array([0.0, 0.0, 0.4]), Sighting(far, far, np.zeros(RAYS, int), ()))
    assert axis.angle == 0.0


def test_the_direction_of_walls_that_is_nearest_to_another_direction() -> None:
    axis = HallAxis()
    axis.angle = 0.2
    assert axis.towards(np.array([1.0, 0.3])) == pytest.approx(0.2)
    assert axis.towards(np.array([0.1, 1.0])) == pytest.approx(0.2 + math.pi / 2)
    assert math.remainder(axis.towards(np.array([-1.0, -0.1])) - 0.2 - math.pi, math.tau) == pytest.approx(0.0)
