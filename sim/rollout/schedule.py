"""The steps at which a policy is called, and the delay until its action takes effect."""

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
            f"policy '{spec.name}' expects images of {spec.image_size[0]}x{spec.image_size[1]} pixels, "
            f"the environment provides {IMAGE_SIZE[0]}x{IMAGE_SIZE[1]}: resize inside the policy"
        )
    if spec.action_convention != ACTION_CONVENTION:
        raise InputError(
            f"policy '{spec.name}' returns actions as '{spec.action_convention}', "
            f"the environment expects '{ACTION_CONVENTION}'"
        )
    hold = np.asarray(spec.hold_action, dtype=np.float64)
    if hold.shape != (ACTION_SIZE,) or not np.all(np.abs(hold) <= 1.0):
        raise InputError(
            f"policy '{spec.name}' declares the hold action {spec.hold_action}: "
            f"it must consist of three numbers (vx, vy, wz) in [-1, 1]"
        )
    steps = spec.period_s / CONTROL_PERIOD_S
    if not (np.isfinite(steps) and round(steps) >= 1 and abs(steps - round(steps)) < 1e-6):
        raise InputError(
            f"policy '{spec.name}' declares a period of {spec.period_s:g} s: "
            f"it must be a whole multiple of the control period, {CONTROL_PERIOD_S:g} s"
        )
    return round(steps)


@dataclass(frozen=True)
class Schedule:
    """The timing of a policy with latency.

    The policy observes at a control step and computes while its last command is still driven. It observes again at the
    first control step that is both a period later and after the end of its computation.
    """

    period_steps: int
    """Control steps from one inference to the next."""
    latency_ticks: int = 0
    """Drive ticks from an observation to the effect of its action."""

    @classmethod
    def of(cls, period_steps: int, latency_s: float) -> Schedule:
        """Make the schedule of a policy with a latency, which is rounded up to whole ticks."""
        ticks = math.ceil(latency_s / CONTROL_PERIOD_S * DRIVE_TICKS - 1e-9)
        return cls(max(period_steps, math.ceil(ticks / DRIVE_TICKS)), ticks)

    def is_inference_step(self, step: int) -> bool:
        """Return whether the policy is called at a control step."""
        return step % self.period_steps == 0

    def delay_ticks(self, step: int) -> int:
        """Return the ticks of a control step, 0 to ``DRIVE_TICKS``, that still drive the previous action."""
        return min(max(self.latency_ticks - DRIVE_TICKS * (step % self.period_steps), 0), DRIVE_TICKS)


def make_schedule(spec: PolicySpec, worlds: Sequence[World], latency_s: float = 0.0) -> Schedule:
    """Make the schedule of a block, whose worlds have equal conditions.

    Args:
        spec: The policy's spec.
        worlds: The block's worlds; their conditions add latency and multiply the period.
        latency_s: The policy's own latency.

    Raises:
        InputError: The policy's spec doesn't fit the environment.
    """
    conditions = {(world.conditions.latency_s, world.conditions.period_factor) for world in worlds}
    if len(conditions) != 1:
        raise ValueError(
            f"a block has one schedule, but its worlds have latencies and period factors {sorted(conditions)}"
        )
    ((extra_s, factor),) = conditions
    return Schedule.of(hold_steps(spec) * factor, latency_s + extra_s)
