"""The published task: pass one or two boxes on the named side and reach the cup behind them.

Its eight cells are {1, 2 boxes} x {vertical, horizontal} x {left, right}, each with the boxes close, medium or far:
vertical boxes stand on end, horizontal ones lie across the path.

Nothing stands where words and odometry would tell: the robot starts anywhere across the hall and askew, the boxes and
the cup are anywhere across it, as far as either way is open and the start image shows the boxes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from scenarios.building.hall import build_hall
from scenarios.building.shell import WALL_THICKNESS_M
from scenarios.families.family import FamilySpec, rejection_sample
from scenarios.geometry import Bounds, Point, Pose2D
from scenarios.navigation.clearance_grid import ClearanceGrid, is_goal_reachable
from scenarios.objects.colours import OBSTACLE_COLOURS, TARGET_COLOURS, named_rgba
from scenarios.objects.furniture import build_cup
from scenarios.objects.items import build_box_item, build_item
from scenarios.objects.targets import target_region
from scenarios.ranges import Choice, IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, PassingSide, Task, World

BOXES = {1: "single box obstacle", 2: "two box obstacles"}  # wording of the published instruction


@dataclass(frozen=True)
class BoxDetourSpec(FamilySpec):
    """The ranges of a detour."""

    boxes: IntRange = IntRange(1, 2)
    orientations: Choice[str] = Choice(("vertical", "horizontal"))
    sides: Choice[str] = Choice(("left", "right"))
    places: Choice[str] = Choice(("close", "medium", "far"))
    close_distance: Range = Range(1.5, 1.9)  # from the start to the boxes
    medium_distance: Range = Range(2.1, 2.5)
    far_distance: Range = Range(2.7, 3.1)
    goal_distance: Range = Range(2.2, 2.9)  # from the boxes to the cup
    end_margin: Range = Range(0.7, 1.6)  # from the cup to the wall
    passage_width: Range = Range(2.0, 3.4)  # of the hall beside the boxes, on both sides together
    height: Range = Range(2.3, 2.8)
    box_length: Range = Range(0.55, 0.80)
    box_width: Range = Range(0.28, 0.42)  # both shorter edges
    box_yaw: Range = Range(-0.35, 0.35)
    box_gap: Range = Range(0.03, 0.14)  # between two boxes; too narrow to drive through
    stagger_offset: Range = Range(-0.15, 0.15)  # of the left one of two boxes, ahead of their middle
    start_wall_distance: float = 0.6  # from the start to the walls beside it, at least
    goal_wall_distance: float = 0.55  # from the cup to the walls beside it, at least
    start_yaw: Range = Range(-1.0, 1.0)
    view_angle: float = math.radians(43.0)  # of the middle of the boxes, from straight ahead
    time_limit: float = 12.0
    clearance: float = 0.20  # on each side of the hull, along some path on either side of the boxes
    phrases: Choice[str] = Choice(("Navigate around the {boxes} by going {side} to track the target cup",))
    unseen_phrases: Choice[str] = Choice(
        (
            "Take the {side} way past the {boxes} and drive up to the target cup",
            "Behind the {boxes} stands the target cup, get there by the {side} side",
            "Keep to the {side} of the {boxes} until you arrive at the target cup",
            "With the {boxes} ahead of you, choose the {side} and make for the target cup",
            "The target cup is what you want, pass the {boxes} on the {side} side",
        )
    )


def box_detour(spec: BoxDetourSpec, rng: np.random.Generator) -> World:
    """Sample a detour that can be driven on either side with the spec's clearance.

    Raises:
        ValueError: If the spec allows fewer than one box.
    """
    if spec.boxes.low < 1:
        raise ValueError(f"a detour needs at least one box, not {spec.boxes.low}")
    count, place, orientation = spec.boxes.draw(rng), spec.places.draw(rng), spec.orientations.draw(rng)
    asked = spec.sides.draw(rng)  # sampled once, like those above, so that rejection doesn't favour any cell
    return rejection_sample("detour", lambda: _draw(spec, rng, count, place, orientation, asked), _either_way)


def _either_way(world: World) -> bool:
    """Return whether the cup can be reached on the named side, and on the other side if that were named."""
    side, grid = world.task.side, ClearanceGrid.from_world(world)
    assert side is not None
    swapped = replace(world.task, side=PassingSide(side.name, side.other, side.asked))
    return all(is_goal_reachable(way, world.clearance_m, grid) for way in (world, replace(world, task=swapped)))


def _draw(
    spec: BoxDetourSpec, rng: np.random.Generator, count: int, place: str, orientation: str, asked: str
) -> World | None:
    distances = {"close": spec.close_distance, "medium": spec.medium_distance, "far": spec.far_distance}
    sizes = [_size(spec, rng, orientation) for _ in range(count)]
    reach = sum(across for _, across, _ in sizes) / 2
    width, height = 2.0 * reach + spec.passage_width.draw(rng), spec.height.draw(rng)
    start = Pose2D(0.6, _across(rng, width, spec.start_wall_distance), spec.start_yaw.draw(rng))
    passage = 2.0 * (ROBOT_RADIUS_M + spec.clearance)
    middle = (start.x + distances[place].draw(rng), _across(rng, width, reach + passage))
    at = (middle[0] + spec.goal_distance.draw(rng), _across(rng, width, spec.goal_wall_distance))
    x, y = start.to_local(middle)
    if abs(math.atan2(y, x)) > spec.view_angle:
        return None
    colour = TARGET_COLOURS[int(rng.integers(len(TARGET_COLOURS)))]
    boxes = _boxes(spec, rng, sizes, middle, [other for other in OBSTACLE_COLOURS if other != colour])
    goal = build_item(
        "cup", colour, "cup", build_cup(named_rgba(colour)), Pose2D(*at, float(rng.uniform(-0.8, 0.8))), "target"
    )
    bounds = Bounds.from_size(at[0] + spec.end_margin.draw(rng), width)
    building = build_hall(rng, bounds, height, *spec.sample_surfaces(rng))
    task = Task(target_region(goal, spec.target_radius), (), spec.time_limit, side=_side(asked, boxes, width / 2))
    items, words = (*building, *boxes, goal), BOXES.get(count, f"{count} box obstacles")
    return spec.assemble_world(rng, "box-detour", items, start, task, bounds, spec.clearance, boxes=words, side=asked)


def _across(rng: np.random.Generator, width: float, wall_distance: float) -> float:
    """Sample y across the hall, at least this far from its walls; in the middle of a hall that is too narrow."""
    room = max(0.0, width / 2 - wall_distance)
    return float(rng.uniform(-room, room))


def _size(spec: BoxDetourSpec, rng: np.random.Generator, orientation: str) -> tuple[float, float, float]:
    """Sample the edge lengths of one box along x, y and z."""
    length, width, other = spec.box_length.draw(rng), spec.box_width.draw(rng), spec.box_width.draw(rng)
    return (width, other, length) if orientation == "vertical" else (width, length, other)


def _boxes(
    spec: BoxDetourSpec,
    rng: np.random.Generator,
    sizes: list[tuple[float, float, float]],
    middle: Point,
    colours: list[str],
) -> list[Item]:
    """Build the boxes from left to right, next to each other around their middle."""
    yaws = [spec.box_yaw.draw(rng) for _ in sizes]
    spans = [w * math.cos(yaw) + d * math.sin(abs(yaw)) for (d, w, _), yaw in zip(sizes, yaws, strict=True)]
    gap, stagger = spec.box_gap.draw(rng), spec.stagger_offset.draw(rng)
    left = middle[1] + (sum(spans) + gap * (len(sizes) - 1)) / 2  # edge of the box to come
    items: list[Item] = []
    for number, (size, span, yaw) in enumerate(zip(sizes, spans, yaws, strict=True)):
        ahead = 0.0 if len(sizes) == 1 else stagger * (1 - 2 * number)
        pose = Pose2D(middle[0] + ahead, left - span / 2, yaw)
        items.append(build_box_item(number, colours[int(rng.integers(len(colours)))], size, pose))
        left -= span + gap
    return items


def _side(asked: str, boxes: list[Item], half_width: float) -> PassingSide:
    """Return the segments from the outer boxes into the walls, one of which every path to the cup crosses."""
    beyond = half_width + WALL_THICKNESS_M
    first, last = boxes[0].pose, boxes[-1].pose
    left, right = ((first.x, first.y), (first.x, beyond)), ((last.x, last.y), (last.x, -beyond))
    return PassingSide(asked, left, right) if asked == "left" else PassingSide(asked, right, left)
