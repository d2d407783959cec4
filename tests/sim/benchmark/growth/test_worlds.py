"""Laws of growth over a world's contents."""

import pytest

from scenarios.world import footprint_radius
from sim.benchmark.growth import points
from sim.benchmark.growth.worlds import make_box_world, measure_boxes, measure_cameras, measure_movers


@pytest.mark.parametrize(("boxes", "movers"), [(0, 0), (1, 1), (30, 0), (64, 64)])
def test_a_box_world_has_that_many_boxes_and_movers_and_none_touches_the_robot_or_another(boxes, movers):
    world = make_box_world(boxes, movers)
    made = [item for item in world.items if item.name.startswith("box-")]
    assert len(made) == boxes
    assert len(world.movers) == movers
    for number, item in enumerate(made):
        assert item.pose.x - world.start.x > 0.5 + footprint_radius(item)
        for other in made[:number]:
            gap = ((item.pose.x - other.pose.x) ** 2 + (item.pose.y - other.pose.y) ** 2) ** 0.5
            assert gap > footprint_radius(item) + footprint_radius(other)


@pytest.mark.parametrize("measure", [measure_boxes, measure_movers, measure_cameras])
def test_a_point_has_its_size_and_a_cost(monkeypatch, measure):
    monkeypatch.setattr(points, "MIN_TURN_S", 0.0)
    point = measure(2)
    assert point.size == 2
    assert point.seconds > 0.0
    assert point.memory_mb > 10.0
