"""When a policy is asked for an action, and from when on that action is driven."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.policy import ACTION_CONVENTION, PolicySpec
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE, CONTROL_PERIOD_S, DRIVE_TICKS, IMAGE_SIZE
from scenarios.world import World


def hold_steps(spec: PolicySpec) -> int:
    """Return the number of control steps for which each action of this policy is held.

    Raises:
        InputError: The environment can't provide what the spec declares (image size, action convention, period), or
            can't execute its hold action.
    """
    if spec.image_size is not None and tuple(spec.image_size) != IMAGE_SIZE:
        raise InputError(
            f"policy '{spec.name}' takes images of {spec.image_size[0]}x{spec.image_size[1]} pixels, "
            f"the environment gives {IMAGE_SIZE[0]}x{IMAGE_SIZE[1]}: resize inside the policy"
        )
    if spec.action_convention != ACTION_CONVENTION:
        raise InputError(
            f"policy '{spec.name}' returns actions as '{spec.action_convention}', "
            f"the environment takes '{ACTION_CONVENTION}'"
        )
    hold = np.asarray(spec.hold_action, dtype=np.float64)
    if hold.shape != (ACTION_SIZE,) or not np.all(np.abs(hold) <= 1.0):
        raise InputError(
            f"policy '{spec.name}' declares the hold action {spec.hold_action}: "
            f"it must be three numbers (vx, vy, wz) in [-1, 1]"
        )
    steps = spec.period_s / CONTROL_PERIOD_S
    if not (np.isfinite(steps) and round(steps) >= 1 and abs(steps - round(steps)) < 1e-6):
        raise InputError(
            f"policy '{spec.name}' expects a period of {spec.period_s:g} s: "
            f"it must be a whole multiple of the control period, {CONTROL_PERIOD_S:g} s"
        )
    return round(steps)


@dataclass(frozen=True)
class Schedule:
    """The rhythm of a policy that takes its time.

    It observes at a control step and computes while the world goes on with its last command. It observes again at the
    first control step that is both a period later and after the end of its computation.
    """

    period_steps: int
    """Control steps from one inference to the next."""
    latency_ticks: int = 0
    """Drive ticks from an observation to the effect of its action."""

    @classmethod
    def of(cls, period_steps: int, latency_s: float) -> Schedule:
        """Make the schedule of a policy with this latency, which counts in whole ticks, rounded up."""
        ticks = math.ceil(latency_s / CONTROL_PERIOD_S * DRIVE_TICKS - 1e-9)
        return cls(max(period_steps, math.ceil(ticks / DRIVE_TICKS)), ticks)

    def is_inference_step(self, step: int) -> bool:
        return step % self.period_steps == 0

    def delay_ticks(self, step: int) -> int:
        """Return the ticks of a control step, 0 to ``DRIVE_TICKS``, in which the action before the latest holds."""
        return min(max(self.latency_ticks - DRIVE_TICKS * (step % self.period_steps), 0), DRIVE_TICKS)


def make_schedule(spec: PolicySpec, worlds: Sequence[World], latency_s: float = 0.0) -> Schedule:
    """Make the schedule of a block, whose worlds are disturbed alike.

    Args:
        spec: Of the policy.
        worlds: Of the block; the latency of their conditions comes on top, their period factor stretches the period.
        latency_s: How long the policy takes anyway.

    Raises:
        InputError: The policy's spec doesn't fit the environment.
    """
    conditions = {(world.conditions.latency_s, world.conditions.period_factor) for world in worlds}
    if len(conditions) != 1:
        raise ValueError(f"one block, one schedule: latencies and period factors {sorted(conditions)} don't mix")
    ((extra_s, factor),) = conditions
    return Schedule.of(hold_steps(spec) * factor, latency_s + extra_s)
