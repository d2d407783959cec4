"""Crossing: cross a hall with crossing pedestrians to the named target at its far end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenarios.building.hall import build_hall, place_furniture
from scenarios.families.family import HallSpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.pedestrians import PedestrianSpec, sample_pedestrian
from scenarios.objects.routes import resample_route
from scenarios.objects.targets import TARGET_KINDS, build_target_item, target_region
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, Task, World, footprint_radius

FAR_END_M = 1.4  # both targets are within this distance of the far end


@dataclass(frozen=True)
class CrossingSpec(HallSpec, PedestrianSpec):
    """The ranges of a hall with pedestrians."""

    length: Range = Range(8.5, 11.5)
    width: Range = Range(3.8, 5.6)
    height: Range = Range(2.7, 3.4)
    walkers: IntRange = IntRange(2, 4)
    first_lane_x: float = 2.0  # the walkers' lanes begin here
    furniture: IntRange = IntRange(1, 4)
    # Nothing that could be mistaken for a target.
    furniture_kinds: Choice[str] = Choice(("pillar", "chair", "table", "crate", "plant", "suitcase", "shelf", "sofa"))
    furniture_gap: float = 0.30  # from a walker's hull
    clearance: float = 0.20
    phrases: Choice[str] = Choice(
        (
            "cross the hall to the {target}",
            "go to the {target} and let people pass",
            "drive to the {target} without touching anyone",
            "make your way past the people to the {target}",
            "head for the {target} at the far end, mind the people",
            "find the {target} and drive to it",
        )
    )
    unseen_phrases: Choice[str] = Choice(
        (
            "get over to the {target}, giving way to whoever is in front",
            "the {target} is your aim, bump into nobody",
            "travel across to the {target} while everybody walks about",
            "wait for anyone in your way, then carry on to the {target}",
            "without hitting pedestrians, bring yourself to the {target}",
        )
    )


def crossing(spec: CrossingSpec, rng: np.random.Generator) -> World:
    """Sample a hall whose fixed items leave a path with the spec's clearance, and whose walkers cross that path."""
    # Sampled once, so that rejection doesn't favour empty halls.
    walkers, furniture = spec.walkers.draw(rng), spec.furniture.draw(rng)
    return rejection_sample("crossing", lambda: _draw(spec, rng, walkers, furniture))


def _draw(spec: CrossingSpec, rng: np.random.Generator, walkers: int, furniture: int) -> World | None:
    length, width, height = spec.sample_size(rng)
    bounds = Bounds.from_size(length, width)
    start = Pose2D(0.7, float(rng.uniform(-0.6, 0.6)) * (width / 2 - 0.4), spec.start_yaw.draw(rng))
    targets = _targets(spec, rng, length, width)
    if targets is None:
        return None
    places = [target_region(item, spec.target_radius) for item in targets]
    goal, other = places if rng.integers(2) else reversed(places)
    lanes = np.linspace(spec.first_lane_x, length - FAR_END_M - spec.target_radius - 0.1, walkers + 1)
    asked = [
        sample_pedestrian(spec, rng, n, lane, width, (start, goal.pose))
        for n, lane in enumerate(pairwise(lanes.tolist()))
    ]
    walking = [one for one in asked if one is not None]
    keep_clear = [(resample_route(mover.route), footprint_radius(item) + spec.furniture_gap) for item, mover in walking]
    keep_clear.append((np.array([(start.x, start.y)]), ROBOT_RADIUS_M + 2 * spec.clearance))
    keep_clear.append((np.array([(item.pose.x, item.pose.y) for item in targets]), spec.target_radius + 0.2))
    things = place_furniture(rng, bounds, height, furniture, spec.furniture_kinds, keep_clear)
    if things is None or len(walking) < walkers:
        return None
    building = build_hall(rng, bounds, height, *spec.sample_surfaces(rng))
    items = (*building, *things, *targets, *(item for item, _ in walking))
    movers = [mover for _, mover in walking]
    return spec.assemble_world(rng, "crossing", items, start, Task(goal, (other,)), bounds, spec.clearance, movers)


def _targets(spec: CrossingSpec, rng: np.random.Generator, length: float, width: float) -> list[Item] | None:
    """Place two different targets at the far end, one on each side; return None if the hall is too narrow."""
    inner, outer = spec.target_radius + 0.15, width / 2 - 0.6  # so that the circles never overlap
    if inner > outer:
        return None
    items: list[Item] = []
    for side, kind in zip((1, -1), draw_distinct(rng, TARGET_KINDS, 2), strict=True):
        place = Pose2D(length - FAR_END_M + float(rng.uniform(0.0, 1.0)), side * float(rng.uniform(inner, outer)))
        items.append(build_target_item(len(items), kind, place))
    return items
