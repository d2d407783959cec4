"""Laws of items."""

from __future__ import annotations

import pytest

from scenarios.geometry import Pose2D
from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import build_chair
from scenarios.objects.items import build_box_item, build_item
from scenarios.world import Box, Shape, Sphere


@pytest.mark.parametrize("shape", [Sphere(0.2), Box((0.3, 0.4, 1.0)), build_chair(named_rgba("red"))])
def test_an_item_stands_on_the_floor_and_is_called_by_colour_and_kind(shape: Shape) -> None:
    item = build_item("a", "red", "thing", shape, Pose2D(1.0, 2.0))
    assert item.z_m == shape.height_m / 2
    assert (item.label, item.rgba, item.role) == ("red thing", named_rgba("red"), "obstacle")


def test_boxes_are_told_apart_by_their_number() -> None:
    one, two = (build_box_item(number, "blue", (0.3, 0.4, 0.5), Pose2D(0.0, 0.0)) for number in (1, 2))
    assert (one.name, two.name) == ("box-1", "box-2")
    assert one.label == two.label == "blue box"
    assert one.shape == Box((0.3, 0.4, 0.5))
