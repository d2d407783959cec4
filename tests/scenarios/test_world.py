"""Laws of worlds: how far along something is tells where it is; hulls and footprints contain what they stand for."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import build_person
from scenarios.world import (
    Box,
    Compound,
    CompoundPart,
    Cylinder,
    Item,
    MovingItem,
    Route,
    Shape,
    Sphere,
    Target,
    Task,
    World,
    footprint_radius,
    hull_shape,
)

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


def test_a_compounds_hull_stands_for_it_and_a_primitive_for_itself() -> None:
    box = Box((0.3, 0.4, 1.0))
    assert hull_shape(box) is box
    assert hull_shape(Compound((CompoundPart(Sphere(0.1), (0.0, 0.0, 0.0)),), box)) is box
    somebody = build_person(named_rgba("red"))
    assert hull_shape(somebody).height_m == somebody.height_m


@pytest.mark.parametrize(
    ("shape", "radius"),
    [
        (Box((0.3, 0.4, 1.0)), 0.25),
        (Cylinder(0.3, 1.0), 0.3),
        (Sphere(0.2), 0.2),
        (Compound((CompoundPart(Sphere(0.9), (0.0, 0.0, 0.0)),), Box((0.6, 0.8, 1.0))), 0.5),
    ],
)
def test_footprints_hold_the_floor_plan_of_the_hull(shape: Shape, radius: float) -> None:
    item = Item("thing", "thing", shape, Pose2D(1.0, 2.0, 0.3), 0.5, (1.0, 1.0, 1.0, 1.0), "obstacle")
    assert footprint_radius(item) == pytest.approx(radius)


def make_world(*movers: MovingItem) -> World:
    goal = Target("ball", "red ball", Pose2D(3.0, 4.0), 0.5)
    return World("test", (), Pose2D(0.0, 0.0), Task(goal), "go", Bounds(0.0, -5.0, 5.0, 5.0), 0.1, movers=movers)


WALKER = MovingItem("walker", Route(((0.0, 0.0), (2.0, 0.0)), 0.5))
BALL = MovingItem("ball", Route(((0.0, 1.0), (0.0, 3.0)), 0.5))


@pytest.mark.parametrize("movers", [(), (WALKER,)])
def test_a_goal_that_stands_is_where_the_task_says(movers: tuple[MovingItem, ...]) -> None:
    world = make_world(*movers)
    assert world.goal_index is None
    assert world.goal_mover is None
    assert world.goal_at([1.5] * len(movers)) == world.task.goal.pose


def test_a_goal_that_moves_is_where_its_own_progress_says() -> None:
    world = make_world(WALKER, BALL)
    assert (world.goal_index, world.goal_mover) == (1, BALL)
    assert world.goal_at((0.25, 1.5)).xy == (0.0, 2.5)


def test_what_a_world_found_out_about_itself_changes_neither_it_nor_its_copies() -> None:
    asked, fresh = make_world(WALKER, BALL), make_world(WALKER, BALL)
    assert asked.goal_index == 1
    assert (asked, repr(asked), hash(asked)) == (fresh, repr(fresh), hash(fresh))
    assert replace(asked, movers=(BALL,)).goal_index == 0
    assert pickle.loads(pickle.dumps(asked)).goal_mover == BALL
