"""The families with varied looks, for training: each world under random levels of textures, lighting and camera pose.

They are recorded as ``--scenario scenarios.perturbations.varied_looks:corridor``. A policy that learned from them met
these three axes: its results under them say what that buys, not what a policy without it loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.perturbations.registry import AXES
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from scenarios.world import World

LEVELS = {"textures": 3, "lighting": 3, "camera-pose": 2}  # the highest level of each axis that is drawn
SUFFIX = "-varied"


@dataclass(frozen=True)
class VariedBuild:
    """Builds a family's worlds, each with levels of its own."""

    family: str

    def __call__(self, spec: Any, rng: np.random.Generator) -> World:
        """Build one world; its levels and what they change come from ``rng``, after the world."""
        world = base = SCENARIOS[self.family].build(spec, rng)
        for axis, highest in LEVELS.items():
            world = AXES[axis].change(world, base, int(rng.integers(highest + 1)), rng)
        return world


def vary_looks(family: str) -> Scenario:
    """Return a family with varied looks. Its name is another, so its worlds aren't those of the family's suites."""
    kept = SCENARIOS[family]
    return Scenario(f"{family}{SUFFIX}", f"{kept.summary}, with varied looks", kept.spec, VariedBuild(family))


def name_scenario(family: str) -> str:
    """Return what to type after ``--scenario`` for a family with varied looks."""
    return f"{__name__}:{family.replace('-', '_')}"


corridor = vary_looks("corridor")
doorway = vary_looks("doorway")
clutter = vary_looks("clutter")
rooms = vary_looks("rooms")
crossing = vary_looks("crossing")
pursuit = vary_looks("pursuit")
box_detour = vary_looks("box-detour")
lookalikes = vary_looks("lookalikes")
