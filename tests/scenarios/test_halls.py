"""Halls: the ground that a route covers, and things that stand clear of it and of each other."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.halls import TRACE_STEP_M, furnish, gap, trace
from scenarios.ranges import Choice
from scenarios.world import Pose2, Route, footprint

KINDS = Choice(("pillar", "chair", "sofa", "plant"))
BOUNDS = (0.0, -3.0, 8.0, 3.0)
coordinates = st.floats(-9.0, 9.0).map(lambda value: round(value, 3))
corners = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6, unique=True).map(tuple)


@settings(deadline=None)
@given(st.builds(Route, points=corners, speed_mps=st.just(0.5), closed=st.booleans()), st.floats(0.0, 1.0))
def test_a_trace_is_a_whole_lap_of_the_route_without_gaps(route: Route, share: float) -> None:
    points = trace(route)
    for number in range(0, len(points), 50):
        assert gap(points[number : number + 1], route.at(number / len(points) * route.lap_m)) < 1e-6
    assert gap(points, route.at(share * route.lap_m)) <= TRACE_STEP_M


def test_a_gap_is_the_distance_to_the_nearest_point() -> None:
    assert gap(np.array([(0.0, 0.0), (3.0, 4.0)]), Pose2(3.0, 5.5)) == 1.5
    assert gap(np.array([(0.0, 0.0), (3.0, 4.0)]), (0.3, -0.4)) == 0.5


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_things_stand_inside_the_walls_off_each_other_and_off_the_routes(seed: int) -> None:
    way = trace(Route(((1.0, 0.0), (7.0, 0.5)), 0.5))
    items = furnish(np.random.default_rng(seed), BOUNDS, 3.0, 4, KINDS, [(way, 0.4)])
    assert items is not None
    assert len(items) == 4
    for number, item in enumerate(items):
        reach = footprint(item)
        assert 0.0 < item.pose.x - reach < item.pose.x + reach < 8.0
        assert -3.0 < item.pose.y - reach < item.pose.y + reach < 3.0
        assert gap(way, item.pose) >= reach + 0.4
        for other in items[:number]:
            assert math.dist((item.pose.x, item.pose.y), (other.pose.x, other.pose.y)) > reach + footprint(other)


def test_more_than_there_is_room_for_is_none() -> None:
    assert furnish(np.random.default_rng(0), BOUNDS, 3.0, 80, KINDS, []) is None
