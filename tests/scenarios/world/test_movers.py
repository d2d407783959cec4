"""Laws of routes: how far along something is tells where it is."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scenarios.geometry import Pose2D
from scenarios.world.movers import Route

coordinates = st.floats(-20.0, 20.0).map(lambda value: round(value, 3))
corners = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=8, unique=True).map(tuple)
routes = st.builds(Route, points=corners, speed_mps=st.just(0.5), closed=st.booleans())
distances = st.floats(0.0, 500.0)


def _apart(a: Pose2D, b: Pose2D) -> float:
    return math.dist((a.x, a.y), (b.x, b.y))


@settings(deadline=None)
@given(routes, distances, st.floats(0.0, 0.5))
def test_what_moves_never_gets_farther_than_it_went(route: Route, along: float, step: float) -> None:
    assert _apart(route.pose_at(along), route.pose_at(along + step)) <= step + 1e-6


@settings(deadline=None)
@given(routes, st.floats(0.0, 1.0), st.integers(1, 3))
def test_after_whole_laps_it_is_where_it_was(route: Route, share: float, laps: int) -> None:
    along = share * route.lap_m
    assert _apart(route.pose_at(along), route.pose_at(along + laps * route.lap_m)) < 1e-6


@settings(deadline=None)
@given(routes, st.data(), distances, st.floats(0.0, 60.0), st.floats(0.0, 60.0))
def test_time_along_a_route_of_any_pace_adds_up_and_never_beats_its_fastest_leg(
    route: Route, data: st.DataObject, along: float, one: float, other: float
) -> None:
    legs = len(route.points) - (0 if route.closed else 1)
    pace = tuple(data.draw(st.lists(st.floats(0.5, 2.0), min_size=legs, max_size=legs)))
    uneven = replace(route, pace=pace)
    both = uneven.advance(uneven.advance(along, one), other)
    assert both == pytest.approx(uneven.advance(along, one + other), abs=1e-6)
    slowest, fastest = (route.speed_mps * factor * (one + other) for factor in (min(pace), max(pace)))
    assert slowest - 1e-6 <= both - along <= fastest + 1e-6
    assert uneven.advance(both, -one - other) == pytest.approx(along, abs=1e-6)
    assert route.advance(along, one) == along + route.speed_mps * one


def test_the_pace_of_a_leg_holds_on_the_way_there_and_back() -> None:
    route = Route(((0.0, 0.0), (1.0, 0.0), (3.0, 0.0)), 0.5, pace=(1.0, 2.0))
    assert [route.advance(0.0, seconds) for seconds in (2.0, 3.0, 4.0, 6.0, 7.0, 8.0)] == [1.0, 2.0, 3.0, 5.0, 5.5, 6.0]


@pytest.mark.parametrize("pace", [(1.0,), (1.0, 0.0), (1.0, 1.0, 1.0)])
def test_a_pace_has_one_positive_factor_for_each_leg(pace: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a positive factor for each of 2 legs"):
        Route(((0.0, 0.0), (1.0, 0.0), (3.0, 0.0)), 0.5, pace=pace)


@settings(deadline=None)
@given(routes, distances)
def test_it_is_always_on_one_of_the_segments(route: Route, along: float) -> None:
    place, ends = route.pose_at(along), (*route.points, route.points[0]) if route.closed else route.points
    detours = [
        math.dist((place.x, place.y), a) + math.dist((place.x, place.y), b) - math.dist(a, b) for a, b in pairwise(ends)
    ]
    assert min(detours) < 1e-6


@settings(deadline=None)
@given(routes)
def test_it_comes_by_every_corner_in_order(route: Route) -> None:
    along = 0.0
    for number, corner in enumerate(route.points):
        if number:
            along += math.dist(route.points[number - 1], corner)
        place = route.pose_at(along)
        assert math.dist((place.x, place.y), corner) < 1e-6


@settings(deadline=None)
@given(routes, distances)
def test_it_faces_where_it_goes(route: Route, along: float) -> None:
    here, ahead = route.pose_at(along), route.pose_at(along + 1e-3)
    assume(here.yaw == ahead.yaw)  # no corner between
    assert (ahead.x - here.x) * math.cos(here.yaw) + (ahead.y - here.y) * math.sin(here.yaw) == pytest.approx(1e-3)


@settings(deadline=None)
@given(corners)
def test_an_open_route_comes_back_the_way_it_went(points: tuple[tuple[float, float], ...]) -> None:
    route = Route(points, 0.5)
    assert _apart(route.pose_at(0.3 * route.lap_m), route.pose_at(0.7 * route.lap_m)) < 1e-6
    assert route.lap_m == pytest.approx(2.0 * sum(math.dist(a, b) for a, b in pairwise(points)))


@given(corners)
def test_the_last_moment_of_a_lap_is_beside_its_first(points: tuple[tuple[float, float], ...]) -> None:
    route = Route(points, 0.5, closed=True)
    for along in (math.nextafter(route.lap_m, 0.0), route.lap_m * (1.0 - 1e-12)):
        assert _apart(route.pose_at(along), route.pose_at(0.0)) < 1e-6


def test_a_closed_route_whose_last_corner_is_its_first_goes_round_all_the_same() -> None:
    route = Route(((0.0, 0.0), (3.0, 0.0), (3.0, 4.0), (0.0, 0.0)), 0.5, closed=True)
    assert route.lap_m == pytest.approx(12.0)
    assert _apart(route.pose_at(11.999999), Pose2D(0.0, 0.0)) < 1e-5
    assert _apart(route.pose_at(math.nextafter(12.0, 0.0)), Pose2D(0.0, 0.0)) < 1e-5
