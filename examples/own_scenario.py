"""A scenario family of your own: weave past plants to a target.

Run: python -m sim.evaluate --policy expert --scenario examples/own_scenario.py:SLALOM --episodes 2 --no-offline
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.building.hall import build_hall
from scenarios.families.family import FamilySpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import FURNITURE
from scenarios.objects.items import build_item
from scenarios.objects.targets import place_targets, sample_reach_task, target_region
from scenarios.ranges import Choice, IntRange, Range
from scenarios.scenario import Scenario
from scenarios.world import World


@dataclass(frozen=True)
class SlalomSpec(FamilySpec):  # textures, light, start_yaw, target_radius are there already
    """What a slalom is drawn from. Units follow from the names: lengths in metres."""

    length: Range = Range(7.0, 9.0)
    width: Range = Range(3.2, 4.0)
    height: Range = Range(2.6, 3.2)
    plants: IntRange = IntRange(2, 4)
    clearance: float = 0.20  # on each side of the robot, along some path, in every draw
    phrases: Choice[str] = Choice(("weave past the plants to the {target}",))
    unseen_phrases: Choice[str] = Choice(("the {target} is behind the plants, slip between them",))


def slalom(spec: SlalomSpec, rng: np.random.Generator) -> World:
    """Draw one slalom: plants left and right of the line to a target."""
    return rejection_sample("slalom", lambda: _draw(spec, rng))


def _draw(spec: SlalomSpec, rng: np.random.Generator) -> World | None:
    """Make one try; None if something finds no room."""
    length, width = spec.length.draw(rng), spec.width.draw(rng)
    bounds = Bounds.from_size(length, width)
    targets = place_targets(rng, Bounds(length - 1.2, 0.4 - width / 2, length - 0.4, width / 2 - 0.4), 1, 1.0)
    if targets is None:
        return None
    task = sample_reach_task(rng, [target_region(item, spec.target_radius) for item in targets], time_limit_s=30.0)
    building = build_hall(rng, bounds, spec.height.draw(rng), *spec.sample_surfaces(rng))
    count = spec.plants.draw(rng)
    plants = [
        build_item(
            f"plant-{number}",
            "green",
            "plant",
            FURNITURE["plant"](rng, named_rgba("green")),
            Pose2D(1.5 + (length - 3.5) * number / count, 0.5 * (-1) ** number),
        )
        for number in range(count)
    ]
    start = Pose2D(0.6, float(rng.uniform(-0.5, 0.5)), spec.start_yaw.draw(rng))
    items = (*building, *plants, *targets)
    return spec.assemble_world(rng, "slalom", items, start, task, bounds, spec.clearance)


SLALOM = Scenario("slalom", "weave past plants to a target", SlalomSpec(), slalom)
