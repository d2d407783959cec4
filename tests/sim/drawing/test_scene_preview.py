"""Laws of the picture of an episode's first moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from traces import make_item, make_world

from envs.simulation.lockstep import Lockstep
from envs.simulation.views import map_view
from scenarios.geometry import Bounds, Pose2D
from scenarios.world import Box, Cylinder, MovingItem, PassingSide, Route, Target, World
from sim.drawing.map_overlay import project_floor_points
from sim.drawing.scene_preview import FOOTER, HEADER, MARGIN, MAX_MAP_WIDTH, PANEL_HEIGHT, draw_scene_preview
from sim.drawing.style import DRIVEN_PATH, EXPERT_PATH, GOAL, MOVER, WRONG_TARGET, Colour


@pytest.fixture(scope="module")
def lockstep() -> Iterator[Lockstep]:
    made = Lockstep(1)
    yield made
    made.close()


def walled(**changes: object) -> World:
    """A world with a wall far off: without any it has no free map."""
    wall = make_item("wall", Box((0.2, 7.8, 1.0)), 7.9, 0.0)
    return replace(make_world(replace(wall, role="wall")), **changes)


def near(picture: Image.Image, world: World, place: tuple[float, float], colour: Colour) -> int:
    """How far from ``colour`` (of 255, in the worst channel) the map comes within 2 pixels of a place in m."""
    width = picture.width - 3 * MARGIN - PANEL_HEIGHT
    aspect = width / PANEL_HEIGHT
    share = project_floor_points(map_view(world, aspect), aspect, np.array([place]))[0]
    x, y = MARGIN + round(share[0] * width), HEADER + round(share[1] * PANEL_HEIGHT)
    pixels = np.asarray(picture)[y - 2 : y + 3, x - 2 : x + 3].astype(int)
    return int(np.abs(pixels - colour).max(axis=2).min())


def test_the_picture_is_as_wide_as_its_world_up_to_a_limit(lockstep: Lockstep) -> None:
    for bounds, width in (
        (Bounds(-4.0, -4.0, 8.0, 4.0), round(PANEL_HEIGHT * 12.5 / 8.5)),
        (Bounds(-1.0, -4.0, 7.0, 4.0), PANEL_HEIGHT),
        (Bounds(-20.0, -2.0, 20.0, 2.0), MAX_MAP_WIDTH),
    ):
        picture = draw_scene_preview(lockstep, walled(bounds_m=bounds), "")
        assert picture.size == (width + PANEL_HEIGHT + 3 * MARGIN, HEADER + PANEL_HEIGHT + FOOTER)


def test_an_arrow_points_from_the_robot_to_where_it_heads(lockstep: Lockstep) -> None:
    ahead, left = (0.4, 0.0), (0.0, 0.4)
    for yaw, there, elsewhere in ((0.0, ahead, left), (np.pi / 2, left, ahead)):
        world = walled(start=Pose2D(0.0, 0.0, yaw))
        picture = draw_scene_preview(lockstep, world, "")
        assert near(picture, world, there, DRIVEN_PATH) < 30
        assert near(picture, world, elsewhere, DRIVEN_PATH) > 60


def test_the_expert_s_path_is_drawn_to_a_goal_that_stands_and_not_to_one_that_moves(lockstep: Lockstep) -> None:
    stands = walled()
    moves = walled(movers=(MovingItem("ball", Route(((6.0, 0.0), (5.0, 0.0)), 0.5)),))
    assert near(draw_scene_preview(lockstep, stands, ""), stands, (3.0, 0.0), EXPERT_PATH) < 30
    assert near(draw_scene_preview(lockstep, moves, ""), moves, (3.0, 0.0), EXPERT_PATH) > 30


def test_wrong_targets_the_side_to_pass_and_movers_have_their_colours(lockstep: Lockstep) -> None:
    cup = make_item("cup", Box((0.2, 0.2, 0.3)), 0.0, 3.0, role="target")
    person = make_item("walker", Cylinder(0.25, 1.7), 3.0, 3.0)
    plain = walled()
    task = replace(
        plain.task,
        others=(Target("cup", "blue cup", Pose2D(0.0, 3.0), 0.5),),
        side=PassingSide("left", ((1.0, 0.5), (1.0, 3.0)), ((1.0, -0.5), (1.0, -3.0))),
    )
    walker = MovingItem("walker", Route(((3.0, 3.0), (3.0, -3.0)), 1.0))
    world = replace(plain, items=(*plain.items, cup, person), task=task, movers=(walker,))
    picture = draw_scene_preview(lockstep, world, "")
    assert near(picture, world, (0.5, 3.0), WRONG_TARGET) < 60
    assert near(picture, world, (1.0, 2.0), GOAL) < 40
    assert near(picture, world, (1.0, -2.0), WRONG_TARGET) < 40
    assert near(picture, world, (3.0, -2.0), MOVER) < 110  # its route, half transparent
    assert near(draw_scene_preview(lockstep, plain, ""), plain, (3.0, -2.0), MOVER) > 110


def test_the_title_stands_in_the_header_alone(lockstep: Lockstep) -> None:
    one, other = (np.asarray(draw_scene_preview(lockstep, walled(), title)) for title in ("corridor · 1", "rooms · 22"))
    different = (one != other).any(axis=2)
    assert different[:HEADER].any()
    assert not different[HEADER:].any()
