"""Camera pose: a camera with errors of mounting and field of view."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scenarios.geometry import dot
from scenarios.perturbations.axis import PerturbationAxis, describe_levels
from scenarios.world import CameraOffset, World

SHIFT_M = (0.0, 0.02, 0.05, 0.10)  # by level, forwards or sideways, up or down
TURN_DEG = (0.0, 3.0, 6.0, 12.0)  # about a random axis
FOV_CHANGE = (0.0, 0.03, 0.06, 0.12)  # share of the field of view, wider or narrower


def _camera_pose(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    shift = SHIFT_M[level] * _unit(rng)
    yaw, pitch, roll = math.radians(TURN_DEG[level]) * _unit(rng)
    wider = 1.0 if rng.random() < 0.5 else -1.0
    mount = CameraOffset(
        (abs(float(shift[0])), float(shift[1]), float(shift[2])),  # not backwards, where the robot would block its view
        float(yaw),
        float(pitch),
        float(roll),
        1.0 + wider * FOV_CHANGE[level],
    )
    return replace(world, conditions=replace(world.conditions, mount=mount))


def _unit(rng: np.random.Generator) -> np.ndarray:
    """Sample a direction (3,), uniformly."""
    vector: np.ndarray = rng.standard_normal(3)
    return vector / math.sqrt(dot(vector, vector))


AXIS = PerturbationAxis(
    "camera-pose",
    "the camera is shifted, rotated, and has another field of view",
    describe_levels(
        lambda level: f"{100 * SHIFT_M[level]:g} cm, {TURN_DEG[level]:g} deg, field of view ±{FOV_CHANGE[level]:.0%}"
    ),
    _camera_pose,
)
