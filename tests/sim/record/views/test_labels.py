from __future__ import annotations

import math

import numpy as np
import pytest

from policies.reference.driving.floor_map import locate_eye
from policies.reference.network import RAY_KINDS
from policies.reference.panorama import CELLS, RAYS, SIZE, compute_bearings
from policies.reference.vocabulary import COLOURS, KINDS
from scenarios.geometry import Pose2D
from scenarios.objects.items import build_box_item, build_item
from scenarios.objects.targets import build_target_item
from scenarios.registry import SCENARIOS
from scenarios.world import Cylinder
from sim.record.views.labels import classify_item, label_view, name_ray

POSE = np.zeros(3)
BALL = build_target_item(0, ("blue", "ball"), Pose2D(2.0, 0.0))
BOX = build_box_item(0, "red", (0.4, 0.4, 0.4), Pose2D(1.0, -0.6))
NOTHING_SHOWN = np.full((SIZE, SIZE), -1)


def test_items_of_known_kinds_are_told_apart_whatever_their_part_and_others_are_not() -> None:
    assert classify_item(BALL) == (1 + KINDS.index("ball"), COLOURS.index("blue"))
    assert classify_item(BOX) is None
    chair = build_item("chair-0", "red", "chair", Cylinder(0.2, 0.5), Pose2D(0.0, 0.0))
    assert classify_item(chair) == (1 + KINDS.index("chair"), COLOURS.index("red"))  # furniture
    walker = next(item for item in SCENARIOS["crossing"].world(2000, 0).items if item.label.startswith("person"))
    assert classify_item(walker).kind == 1 + KINDS.index("person")
    assert [name_ray(item) for item in (BALL, BOX, walker)] == ["target", "obstacle", "mover"]


def test_every_target_of_every_family_is_told_apart() -> None:
    for family, scenario in SCENARIOS.items():
        world = scenario.world(2000, 0)
        for item in world.items:
            if item.role == "target":
                assert classify_item(item) is not None, (family, item.label)


def test_the_nearest_item_at_each_bearing_is_labelled() -> None:
    labels = label_view([BALL, BOX], NOTHING_SHOWN, POSE)
    eye = locate_eye(POSE)
    straight = np.abs(compute_bearings(RAYS)).argmin()
    assert labels.ranges[straight] == pytest.approx(2.0 - 0.16 - eye.xy[0], abs=0.02)
    assert RAY_KINDS[labels.ray_kinds[straight]] == "target"
    to_box = np.abs(compute_bearings(RAYS) - math.atan2(-0.6, 1.0 - eye.xy[0])).argmin()
    assert RAY_KINDS[labels.ray_kinds[to_box]] == "obstacle"


def test_a_cell_names_the_item_that_fills_most_of_it() -> None:
    shown = NOTHING_SHOWN.copy()
    shown[40:48, 80:88] = 0  # four cells
    shown[40:44, 80:82] = 1  # half of the first one is box
    shown[60, 60] = 0  # a single pixel
    labels = label_view([BALL, BOX], shown, POSE)
    eye = locate_eye(POSE)
    assert (labels.kinds > 0).sum() == 4
    assert labels.kinds[10, 20] == 1 + KINDS.index("ball")
    assert labels.colours[10, 20] == COLOURS.index("blue")
    assert labels.places[0, 10, 20] == pytest.approx(2.0 - eye.xy[0], abs=0.01)
    assert labels.places[1, 10, 20] == pytest.approx(0.0, abs=0.01)
    assert labels.kinds.shape == (CELLS, CELLS)


def test_labels_turn_with_the_robot() -> None:
    turned = np.array([0.0, 0.0, 0.5])
    labels = label_view([BALL], NOTHING_SHOWN, turned)
    assert RAY_KINDS[labels.ray_kinds[np.abs(compute_bearings(RAYS) + 0.5).argmin()]] == "target"
