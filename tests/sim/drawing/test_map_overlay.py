"""Laws of what is drawn over a map, and of where it appears."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import make_world

from envs.simulation.views import map_view
from scenarios.lookup import get_scenario
from scenarios.world import PassingSide
from sim.drawing.map_overlay import SUPERSAMPLING, MapOverlay, draw_overlay, overlay_pixels, project_floor_points
from sim.drawing.style import DRIVEN_PATH, GOAL, MOVER, WRONG_TARGET, Rect

PANEL = Rect(100, 50, 300, 200)
WORLD = make_world()
VIEW = map_view(WORLD, PANEL.aspect)
NOWHERE = np.zeros((0, 2))
FAR = ((6.0, 0.0), 0.5)
EMPTY = MapOverlay(driven=NOWHERE, reference=NOWHERE, goal=FAR, others=(), trail=NOWHERE)
PLACES = st.tuples(st.floats(-4.0, 8.0), st.floats(-4.0, 4.0))


def colour_at(overlay, place):
    """(3,) what a grey map shows at a place, in m, once the overlay is drawn."""
    picture = np.asarray(draw_overlay(np.full((200, 300, 3), 100, np.uint8), VIEW, overlay, PANEL))
    x, y = project_floor_points(VIEW, PANEL.aspect, np.array([place]))[0] * PANEL.size
    return picture[int(y), int(x)].astype(int)


def test_the_middle_of_the_map_projects_to_the_middle_of_its_picture():
    world = get_scenario("corridor").world(1, 0)
    x_min, y_min, x_max, y_max = world.bounds_m
    middle = np.array([[(x_min + x_max) / 2, (y_min + y_max) / 2], [x_max, y_max]])
    placed = project_floor_points(map_view(world, 2.0), 2.0, middle)
    assert placed[0] == pytest.approx([0.5, 0.5])
    assert placed[1, 0] > 0.5 > placed[1, 1]


@given(PLACES, PLACES)
def test_seen_from_above_halfway_is_halfway_and_left_of_x_is_up(one, other):
    middle = np.mean([one, other], axis=0)
    placed = project_floor_points(VIEW, PANEL.aspect, np.array([one, other, middle]))
    assert placed[2] == pytest.approx(placed[:2].mean(axis=0), abs=1e-6)
    assert ((placed >= 0.0) & (placed <= 1.0)).all()
    assert placed[0, 0] - placed[1, 0] == pytest.approx((one[0] - other[0]) * scale(0), abs=1e-6)
    assert placed[0, 1] - placed[1, 1] == pytest.approx((one[1] - other[1]) * scale(1), abs=1e-6)


def scale(axis):
    """How far the picture moves, in shares of its size, per metre along an axis."""
    placed = project_floor_points(VIEW, PANEL.aspect, np.array([[0.0, 0.0], np.eye(2)[axis]]))
    return (placed[1] - placed[0])[axis]


def test_an_overlay_has_several_pixels_for_each_of_its_panel():
    (pixel,) = overlay_pixels(VIEW, PANEL, [(2.0, 1.0)])
    share = project_floor_points(VIEW, PANEL.aspect, np.array([[2.0, 1.0]]))[0]
    assert pixel == pytest.approx(share * PANEL.size * SUPERSAMPLING)


def test_where_nothing_is_drawn_the_map_stays():
    assert colour_at(EMPTY, (0.0, 0.0)).tolist() == [100] * 3


@pytest.mark.parametrize(
    ("change", "place", "colour"),
    [
        ({"driven": np.array([[-3.0, 1.0], [3.0, 1.0]])}, (0.0, 1.0), DRIVEN_PATH),
        ({"goal": ((1.0, 1.0), 1.0)}, (2.0, 1.0), GOAL),
        ({"others": (((1.0, 1.0), 1.0),)}, (2.0, 1.0), WRONG_TARGET),
        ({"movers": (((1.0, 1.0), 1.0),)}, (2.0, 1.0), MOVER),
        ({"side": PassingSide("left", ((0.0, 1.0), (0.0, 3.0)), ((0.0, -1.0), (0.0, -3.0)))}, (0.0, 2.0), GOAL),
        (
            {"side": PassingSide("left", ((0.0, 1.0), (0.0, 3.0)), ((0.0, -1.0), (0.0, -3.0)))},
            (0.0, -2.0),
            WRONG_TARGET,
        ),
    ],
)
def test_each_thing_has_its_colour_at_its_place(change, place, colour):
    assert colour_at(EMPTY, place).tolist() == [100] * 3
    assert np.abs(colour_at(replace(EMPTY, **change), place) - colour).max() < 60


@pytest.mark.parametrize("name", ["reference", "trail"])
def test_paths_that_were_not_driven_are_dashed(name):
    path = np.stack([np.linspace(-3.0, 3.0, 61), np.full(61, 1.0)], axis=1)
    dashed = replace(EMPTY, **{name: path})
    marked = [colour_at(dashed, (x, 1.0)).tolist() != [100] * 3 for x in np.linspace(-2.8, 2.8, 57)]
    assert 0.2 < np.mean(marked) < 0.9
