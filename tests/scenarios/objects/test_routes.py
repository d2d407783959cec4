"""Routes: the ground that one covers, and loops that stay on theirs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.routes import TRACE_STEP_M, distance_to_points, resample_route, sample_loop_route
from scenarios.ranges import Range
from scenarios.world import Route

coordinates = st.floats(-9.0, 9.0).map(lambda value: round(value, 3))
corners = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6, unique=True).map(tuple)


@settings(deadline=None)
@given(st.builds(Route, points=corners, speed_mps=st.just(0.5), closed=st.booleans()), st.floats(0.0, 1.0))
def test_a_trace_is_a_whole_lap_of_the_route_without_gaps(route: Route, share: float) -> None:
    points = resample_route(route)
    for number in range(0, len(points), 50):
        assert distance_to_points(points[number : number + 1], route.pose_at(number / len(points) * route.lap_m)) < 1e-6
    assert distance_to_points(points, route.pose_at(share * route.lap_m)) <= TRACE_STEP_M


def test_a_gap_is_the_distance_to_the_nearest_point() -> None:
    assert distance_to_points(np.array([(0.0, 0.0), (3.0, 4.0)]), Pose2D(3.0, 5.5)) == 1.5
    assert distance_to_points(np.array([(0.0, 0.0), (3.0, 4.0)]), (0.3, -0.4)) == 0.5


@settings(deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_a_loop_stays_on_its_ground_and_goes_round(seed: int) -> None:
    route = sample_loop_route(
        np.random.default_rng(seed), Bounds(2.0, -1.5, 6.0, 1.5), Range(0.6, 1.0), Range(0.5, 0.5)
    )
    assert route is not None
    assert route.closed
    x, y = resample_route(route).T
    assert 2.0 <= x.min() < 4.0 < x.max() <= 6.0
    assert -1.5 <= y.min() < 0.0 < y.max() <= 1.5


def test_without_ground_there_is_no_loop() -> None:
    assert (
        sample_loop_route(np.random.default_rng(0), Bounds(4.0, -1.0, 3.0, 1.0), Range(1.0, 1.0), Range(0.5, 0.5))
        is None
    )
