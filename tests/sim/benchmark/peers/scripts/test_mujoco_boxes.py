"""Laws of MuJoCo's scene, as far as they can be checked without MuJoCo."""

import xml.etree.ElementTree as ET

from sim.benchmark.peers.scripts.mujoco_boxes import TRIANGLES_OF_BOX, WALLS, _describe


def test_the_hall_has_as_many_boxes_as_asked_for_and_a_camera():
    model = ET.fromstring(_describe(224, 30, 4))
    assert len(model.findall("worldbody/geom[@type='box']")) == 30 + WALLS
    assert model.find("worldbody/body/camera").get("fovy") == "90"
    assert model.find("visual/global").get("offwidth") == "224"
    assert model.find("visual/quality").get("offsamples") == "4"
    assert TRIANGLES_OF_BOX == 12
