"""Laws of the robot's model: the URDF that PyBullet loads is the robot in numbers."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from envs.simulation.robot import URDF
from scenarios.robot import CAMERA_POSITION_M, ROBOT_RADIUS_M


def test_the_hull_of_the_model_has_the_radius_that_paths_leave_room_for():
    hull = ET.parse(URDF).find(".//collision/geometry/cylinder")
    assert hull is not None
    assert float(hull.attrib["radius"]) == ROBOT_RADIUS_M


def test_the_lens_of_the_model_is_where_the_camera_is():
    lens = next(
        visual for visual in ET.parse(URDF).iterfind(".//visual") if visual.find("material[@name='glass']") is not None
    )
    origin = lens.find("origin")
    assert origin is not None
    assert [float(part) for part in origin.attrib["xyz"].split()] == pytest.approx(CAMERA_POSITION_M, abs=0.005)
