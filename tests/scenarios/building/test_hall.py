"""Halls: things that stand clear of routes and of each other."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.building.hall import place_furniture
from scenarios.geometry import Bounds
from scenarios.objects.routes import distance_to_points, resample_route
from scenarios.ranges import Choice
from scenarios.world import Route, footprint_radius

KINDS = Choice(("pillar", "chair", "sofa", "plant"))
BOUNDS = Bounds(0.0, -3.0, 8.0, 3.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_things_stand_inside_the_walls_off_each_other_and_off_the_routes(seed: int) -> None:
    way = resample_route(Route(((1.0, 0.0), (7.0, 0.5)), 0.5))
    items = place_furniture(np.random.default_rng(seed), BOUNDS, 3.0, 4, KINDS, [(way, 0.4)])
    assert items is not None
    assert len(items) == 4
    for number, item in enumerate(items):
        reach = footprint_radius(item)
        assert 0.0 < item.pose.x - reach < item.pose.x + reach < 8.0
        assert -3.0 < item.pose.y - reach < item.pose.y + reach < 3.0
        assert distance_to_points(way, item.pose) >= reach + 0.4
        for other in items[:number]:
            assert math.dist((item.pose.x, item.pose.y), (other.pose.x, other.pose.y)) > reach + footprint_radius(other)


def test_more_than_there_is_room_for_is_none() -> None:
    assert place_furniture(np.random.default_rng(0), BOUNDS, 3.0, 80, KINDS, []) is None
