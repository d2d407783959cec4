"""The floor plan of an episode's world as shapes of a drawing, in whole centimetres; y points down, as in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from scenarios.common.errors import InputError
from scenarios.geometry import Segment
from scenarios.lookup import get_scenario
from scenarios.perturbations import Perturbation, sample_perturbed_world
from scenarios.world import Box, Item, Target, World, hull_shape
from sim.report.sections.paths import PathPoints
from sim.results.row import EpisodeRow

MARGIN_CM = 30
SHOWN = ("wall", "obstacle", "target")


class SceneShape(NamedTuple):
    """A shape of the floor plan."""

    kind: str
    """"wall", "obstacle", "target", "mover", "goal", "wrong", "asked" or "other"."""
    label: str
    """What it is, for people."""
    points: str
    """Corners of a polygon, as SVG writes them; "" for a circle."""
    x: int
    y: int
    radius: int


class SceneMap(NamedTuple):
    """A floor plan with the path that was driven in it."""

    view: tuple[int, int, int, int]
    """Left, top, width and height of what is shown."""
    shapes: tuple[SceneShape, ...]
    start: tuple[int, int]
    path: PathPoints
    """In the drawing's frame; empty if it isn't known."""

    @property
    def points(self) -> str:
        """The path as SVG writes it."""
        return write_points(self.path)

    @property
    def end(self) -> tuple[int, int] | None:
        """Where the robot ended; None if that isn't known."""
        return self.path[-1] if self.path else None


def sample_scene(row: EpisodeRow, spec: str | None) -> World | None:
    """Sample the world of an episode; None if its scenario isn't there any more, or draws other worlds by now.

    Args:
        row: The episode.
        spec: Hash of the scenario's name and ranges when it was driven.
    """
    try:
        scenario = get_scenario(row.scenario)
        if scenario.spec_hash != spec:
            return None
        return sample_perturbed_world(scenario, row.seed, row.episode, Perturbation.parse(row.perturbation))
    except InputError:
        return None


def draw_scene(world: World, path: PathPoints) -> SceneMap:
    """Draw a world at the start of its episode, and a path in it (cm, y upwards)."""
    movers = {mover.name for mover in world.movers}
    task = world.task
    shapes = [_draw_item(item, item.name in movers) for item in world.items if item.role in SHOWN]
    shapes += [_draw_target(task.goal, "goal"), *(_draw_target(each, "wrong") for each in (*task.others, *task.decoys))]
    if task.side is not None:
        shapes += [_draw_segment(task.side.asked, "asked"), _draw_segment(task.side.other, "other")]
    driven = [(x, -y) for x, y in path]
    start = round(100 * world.start.x), round(-100 * world.start.y)
    return SceneMap(_frame(world, [start, *driven]), tuple(shapes), start, driven)


def _frame(world: World, points: Iterable[tuple[int, int]]) -> tuple[int, int, int, int]:
    x_min, y_min, x_max, y_max = (100 * bound for bound in world.bounds_m)
    xs, ys = zip(*points, strict=True)
    left, right = min(x_min, *xs) - MARGIN_CM, max(x_max, *xs) + MARGIN_CM
    top, bottom = min(-y_max, *ys) - MARGIN_CM, max(-y_min, *ys) + MARGIN_CM
    return round(left), round(top), round(right - left), round(bottom - top)


def _draw_item(item: Item, moves: bool) -> SceneShape:
    shape, kind = hull_shape(item.shape), "mover" if moves else item.role
    x, y = 100 * item.pose.x, -100 * item.pose.y
    if not isinstance(shape, Box):
        return SceneShape(kind, item.label, "", round(x), round(y), round(100 * shape.radius_m))
    half_x, half_y = 50 * shape.size_m[0], 50 * shape.size_m[1]
    cos, sin = math.cos(item.pose.yaw), math.sin(item.pose.yaw)
    corners = [
        (round(x + cos * dx - sin * dy), round(y - sin * dx - cos * dy))
        for dx, dy in ((half_x, half_y), (half_x, -half_y), (-half_x, -half_y), (-half_x, half_y))
    ]
    return SceneShape(kind, item.label, write_points(corners), 0, 0, 0)


def _draw_target(target: Target, kind: str) -> SceneShape:
    x, y = round(100 * target.pose.x), round(-100 * target.pose.y)
    return SceneShape(kind, target.description, "", x, y, round(100 * target.radius_m))


def _draw_segment(segment: Segment, kind: str) -> SceneShape:
    corners = [(round(100 * x), round(-100 * y)) for x, y in segment]
    return SceneShape(kind, f"{kind} side", write_points(corners), 0, 0, 0)


def write_points(points: Iterable[tuple[int, int]]) -> str:
    """Write points as SVG does."""
    return " ".join(f"{x},{y}" for x, y in points)
