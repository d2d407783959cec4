"""Image noise: sensor noise, blur and dropped frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.perturbations.axis import PerturbationAxis, describe_levels
from scenarios.world import ImageCorruption, World

NOISE = (0.0, 0.03, 0.08, 0.15)  # by level; standard deviation, of the full range
BLUR_PX = (0.0, 0.7, 1.5, 2.5)
DROP = (0.0, 0.05, 0.15, 0.30)


def _image_noise(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    faults = ImageCorruption(NOISE[level], BLUR_PX[level], DROP[level], seed=int(rng.integers(2**62)))
    return replace(world, conditions=replace(world.conditions, image=faults))


AXIS = PerturbationAxis(
    "image-noise",
    "sensor noise, blur and dropped frames",
    describe_levels(
        lambda level: (
            f"noise of {NOISE[level]:.0%} of the full range, blur of {BLUR_PX[level]:g} px (standard deviations), "
            f"{DROP[level]:.0%} of frames dropped"
        )
    ),
    _image_noise,
)
