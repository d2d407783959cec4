"""Routes: the ground that one covers, and loops that stay on theirs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.routes import (
    CORNERS,
    TRACE_STEP_M,
    distance_to_points,
    find_seen_stretch,
    resample_route,
    sample_loop_route,
)
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


def test_of_a_round_route_a_circle_sees_as_much_as_geometry_says() -> None:
    turns = np.linspace(0.0, 2.0 * np.pi, 400, endpoint=False)
    ring = Route(tuple(zip((2.0 * np.cos(turns)).tolist(), (2.0 * np.sin(turns)).tolist(), strict=True)), 0.5, True)
    assert find_seen_stretch(ring, 1.0) == pytest.approx(2.0 * 2.0 * np.arcsin(0.5), abs=0.2)  # a chord of 2 m
    assert find_seen_stretch(ring, 1.9) > find_seen_stretch(ring, 1.0)
    assert find_seen_stretch(ring, 2.1) == np.inf


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31 - 1))
def test_the_pace_of_a_loop_changes_at_its_corners(seed: int) -> None:
    ground, speed = Bounds(2.0, -1.5, 6.0, 1.5), Range(0.5, 0.5)
    route = sample_loop_route(np.random.default_rng(seed), ground, Range(0.6, 1.0), speed, Range(0.5, 1.5))
    assert route is not None
    assert len(route.pace) == len(route.points)
    assert len(set(route.pace)) == CORNERS
    assert all(0.5 <= factor <= 1.5 for factor in route.pace)
