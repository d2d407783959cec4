"""Lookalikes: reach the named one of several targets that share colours and shapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from scenarios.building.hall import build_hall
from scenarios.families.family import FamilySpec, rejection_sample
from scenarios.geometry import Bounds, Point, Pose2D
from scenarios.objects.colours import TARGET_COLOURS, named_rgba
from scenarios.objects.furniture import build_chair, build_crate, build_cup
from scenarios.objects.items import build_item
from scenarios.objects.targets import TARGET_SHAPES, sample_reach_task, target_region
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.world import RGBA, Item, Shape, World, footprint_radius


def _plain(shape: Shape, colour: RGBA) -> Shape:
    """Wrap a shape so that it takes its colour from the item."""
    return shape


SHAPE_BUILDERS: dict[str, Callable[[RGBA], Shape]] = {
    **{name: partial(_plain, shape) for name, shape in TARGET_SHAPES.items()},
    "cup": build_cup,
    "chair": partial(
        build_chair, width=0.24, height=0.55
    ),  # small: a larger chair would be touched before it counts as reached
}
# (colour, shape) of the targets, by their number: three share a colour and a shape pairwise, four are all pairs of two
# colours and two shapes, six those with a third shape; so one word alone seldom identifies the target.
COLOUR_SHAPE_PAIRS = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2))
START = (0.7, 0.0)
TRIES = 60


@dataclass(frozen=True)
class LookalikesSpec(FamilySpec):
    """The ranges of a row of lookalikes."""

    targets: IntRange = IntRange(4, 6)
    distance: Range = Range(3.8, 5.2)  # to the middle of the line-up
    spacing: Range = Range(1.32, 1.70)  # between neighbours, so that no circle of one overlaps another's
    formations: Choice[str] = Choice(("row", "arc"))  # straight across, or around the start
    across_offset: Range = Range(-1.5, 1.5)  # of their middle from the line straight ahead
    view_angle: float = math.radians(40.0)  # from straight ahead, so that one image shows all targets
    jitter_m: float = 0.08  # of every target, along and across
    margin: Range = Range(0.8, 1.6)  # from the outer targets to the walls
    height: Range = Range(2.5, 3.2)
    crates: IntRange = IntRange(2, 5)
    crate_width: Range = Range(0.25, 0.45)
    crate_height: Range = Range(0.15, 0.24)  # low enough to look over
    start_yaw: Range = Range(-0.40, 0.40)
    time_limit: float = 20.0
    clearance: float = 0.20  # on each side of the hull, along some path, in every draw
    phrases: Choice[str] = Choice(
        (
            "go to the {target}",
            "drive up to the {target} and not to the others",
            "find the {target} and stop there",
            "among the things in the hall, head for the {target}",
            "pass the others and reach the {target}",
            "move to the {target}, not to any other",
            "navigate to the {target} only",
        )
    )
    unseen_phrases: Choice[str] = Choice(
        (
            "pick out the {target} and park beside it",
            "the one you want is the {target}, get close to it",
            "approach the {target} and ignore everything else",
            "leave the rest aside and visit the {target}",
            "would you roll over to the {target}, please",
        )
    )


def lookalikes(spec: LookalikesSpec, rng: np.random.Generator) -> World:
    """Sample a line-up whose named target can be reached with the spec's clearance.

    Raises:
        ValueError: If the spec allows fewer than two targets, or more than there are kinds.
    """
    if not 2 <= spec.targets.low <= spec.targets.high <= len(COLOUR_SHAPE_PAIRS):
        raise ValueError(
            f"a line-up needs 2 to {len(COLOUR_SHAPE_PAIRS)} targets, not {spec.targets.low} to {spec.targets.high}"
        )
    # Sampled once, so that rejection doesn't bias them.
    kinds, crates = _kinds(rng, spec.targets.draw(rng)), spec.crates.draw(rng)
    return rejection_sample("line-up", lambda: _draw(spec, rng, kinds, crates))


def _kinds(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Sample colour and shape of each target, in random order."""
    colours, shapes = draw_distinct(rng, TARGET_COLOURS, 3), draw_distinct(rng, tuple(SHAPE_BUILDERS), 3)
    turned = bool(rng.integers(2))  # the odd one out differs in shape, or in colour
    pairs = [(shape, colour) if turned else (colour, shape) for colour, shape in COLOUR_SHAPE_PAIRS[:count]]
    return draw_distinct(rng, [(colours[colour], shapes[shape]) for colour, shape in pairs], count)


def _draw(spec: LookalikesSpec, rng: np.random.Generator, kinds: list[tuple[str, str]], crates: int) -> World | None:
    places = _line_up(spec, rng, len(kinds))
    yaw = _start_yaw(spec, rng, places)
    if yaw is None:  # too wide for one image
        return None
    start = Pose2D(*START, yaw)
    targets = []
    for number, ((colour, name), (x, y)) in enumerate(zip(kinds, places, strict=True)):
        pose = Pose2D(x, y, math.pi + float(rng.uniform(-0.8, 0.8)))
        targets.append(
            build_item(f"target-{number}", colour, name, SHAPE_BUILDERS[name](named_rgba(colour)), pose, "target")
        )
    task = sample_reach_task(rng, [target_region(item, spec.target_radius) for item in targets], spec.time_limit)
    things = _crates(spec, rng, targets, crates)
    if len(things) < crates:  # no room for them
        return None
    (farthest, _), right, left = max(places), min(y for _, y in places), max(y for _, y in places)
    bounds = Bounds(0.0, right - spec.margin.draw(rng), farthest + spec.margin.draw(rng), left + spec.margin.draw(rng))
    floor, wall = spec.sample_surfaces(rng)
    building = build_hall(rng, bounds, spec.height.draw(rng), floor, wall)
    return spec.assemble_world(rng, "lookalikes", (*building, *things, *targets), start, task, bounds, spec.clearance)


def _line_up(spec: LookalikesSpec, rng: np.random.Generator, count: int) -> list[Point]:
    """Return the places of the targets from right to left."""
    distance, spacing, formation = spec.distance.draw(rng), spec.spacing.draw(rng), spec.formations.draw(rng)
    middle, places = spec.across_offset.draw(rng), []
    for along in (middle + spacing * (np.arange(count) - (count - 1) / 2)).tolist():
        x, y = distance, along
        if formation == "arc":
            x, y = distance * math.cos(along / distance), distance * math.sin(along / distance)
        x, y = (value + spec.jitter_m * float(rng.uniform(-1, 1)) for value in (START[0] + x, START[1] + y))
        places.append((x, y))
    return places


def _start_yaw(spec: LookalikesSpec, rng: np.random.Generator, places: list[Point]) -> float | None:
    """Sample a yaw at which all targets are in view, and driving straight ahead reaches none of them."""
    bearings = [math.atan2(y - START[1], x - START[0]) for x, y in places]
    low = max(spec.start_yaw.low, max(bearings) - spec.view_angle)
    high = min(spec.start_yaw.high, min(bearings) + spec.view_angle)
    for _ in range(TRIES if low <= high else 0):
        yaw = float(rng.uniform(low, high))
        aside = Pose2D(*START, yaw).to_local(np.array(places))[:, 1]
        if np.abs(aside).min() > spec.target_radius:
            return yaw
    return None


def _crates(spec: LookalikesSpec, rng: np.random.Generator, targets: list[Item], count: int) -> list[Item]:
    """Place low crates between start and targets, outside every circle; fewer if there is no room."""
    nearest, across = min(item.pose.x for item in targets), [item.pose.y for item in targets]
    items: list[Item] = []
    for _ in range(TRIES):
        if len(items) == count:
            break
        width, depth = spec.crate_width.draw(rng), spec.crate_width.draw(rng)
        shape = build_crate(named_rgba("brown"), depth, width, spec.crate_height.draw(rng))
        x, y = float(rng.uniform(1.7, nearest - 0.8)), float(rng.uniform(min(across), max(across)))
        pose = Pose2D(x, y, float(rng.uniform(-1, 1)))
        item = build_item(f"crate-{len(items)}", "brown", "crate", shape, pose)
        room = footprint_radius(item) + spec.target_radius
        if all(math.dist((x, y), (other.pose.x, other.pose.y)) > room for other in (*items, *targets)):
            items.append(item)
    return items
