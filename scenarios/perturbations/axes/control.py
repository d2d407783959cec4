"""Actuation, latency and control rate: disturbances of the loop between policy and base."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.perturbations.axis import PerturbationAxis, describe_levels
from scenarios.world import Actuation, World

GAIN = (0.0, 0.10, 0.20, 0.35)  # by level; the largest of the three axes' errors
SLIP = (0.0, 0.05, 0.10, 0.20)
DELAY_S = (0.0, 0.05, 0.10, 0.20)
LATENCY_S = (0.0, 0.10, 0.25, 0.50)
PERIOD_FACTOR = (1, 2, 3, 5)


def _actuation(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    error = rng.uniform(-1.0, 1.0, 3)
    vx, vy, wz = 1.0 + GAIN[level] * error / np.abs(error).max()
    actuation = Actuation((float(vx), float(vy), float(wz)), SLIP[level], DELAY_S[level], seed=int(rng.integers(2**62)))
    return replace(world, conditions=replace(world.conditions, actuation=actuation))


def _latency(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    return replace(world, conditions=replace(world.conditions, latency_s=LATENCY_S[level]))


def _control_rate(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    return replace(world, conditions=replace(world.conditions, period_factor=PERIOD_FACTOR[level]))


ACTUATION = PerturbationAxis(
    "actuation",
    "the base has wrong gains, slips, and reacts late",
    describe_levels(
        lambda level: (
            f"gain errors up to ±{GAIN[level]:.0%}, slip of {SLIP[level]:.0%} (standard deviation per step), "
            f"commands delayed by {1000 * DELAY_S[level]:g} ms"
        )
    ),
    _actuation,
)
LATENCY = PerturbationAxis(
    "latency",
    "the last command stays in effect while the policy computes",
    describe_levels(lambda level: f"{LATENCY_S[level]:g} s"),
    _latency,
)
CONTROL_RATE = PerturbationAxis(
    "control-rate",
    "the policy is called less often, and each action is held longer",
    describe_levels(lambda level: f"control period {PERIOD_FACTOR[level]} times as long"),
    _control_rate,
)
