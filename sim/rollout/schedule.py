"""The steps at which a policy is called, and the actions of its chunk that are driven until the next call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.policy import PolicySpec
from policies.spec_checks import check_spec
from scenarios.common.errors import InputError
from scenarios.robot import CONTROL_PERIOD_S, DRIVE_TICKS
from scenarios.world import World


def hold_steps(spec: PolicySpec) -> int:
    """Return the number of control steps for which each action of this policy is held.

    Raises:
        InputError: The spec is invalid, or its period isn't a multiple of the control period.
    """
    check_spec(spec)
    steps = spec.period_s / CONTROL_PERIOD_S
    if not (round(steps) >= 1 and abs(steps - round(steps)) < 1e-6):
        raise InputError(
            f"policy '{spec.name}' declares a period of {spec.period_s:g} s: "
            f"it must be a whole multiple of the control period, {CONTROL_PERIOD_S:g} s"
        )
    return round(steps)


@dataclass(frozen=True)
class Schedule:
    """The timing of a policy with latency.

    The policy observes at a control step and computes while its last chunk is still driven. It observes again at the
    first control step that is both ``replan`` actions later and after the end of its computation.
    """

    action_steps: int
    """Control steps for which each action of a chunk is driven."""
    latency_ticks: int = 0
    """Drive ticks from an observation to the effect of its first action."""
    replan: int = 1
    """Actions from one inference to the next."""

    @classmethod
    def of(cls, action_steps: int, latency_s: float, replan: int = 1) -> Schedule:
        """Make the schedule of a policy with a latency, which is rounded up to whole ticks."""
        return cls(action_steps, math.ceil(latency_s / CONTROL_PERIOD_S * DRIVE_TICKS - 1e-9), replan)

    @property
    def period_steps(self) -> int:
        """Control steps from one inference to the next."""
        return max(self.action_steps * self.replan, math.ceil(self.latency_ticks / DRIVE_TICKS))

    def is_inference_step(self, step: int) -> bool:
        """Return whether the policy is called at a control step."""
        return step % self.period_steps == 0

    def is_frame_step(self, step: int) -> bool:
        """Return whether the frame at a control step is one of the policy's history."""
        return step % self.period_steps % self.action_steps == 0

    def delay_ticks(self, step: int) -> int:
        """Return the ticks of a control step, 0 to ``DRIVE_TICKS``, that still drive the chunk before."""
        return min(max(self.latency_ticks - DRIVE_TICKS * (step % self.period_steps), 0), DRIVE_TICKS)

    def select_action(self, chunk: np.ndarray, step: int) -> np.ndarray:
        """Return the actions (n, 3) of the last chunk (n, c, 3) for a control step; the last one is held on."""
        return self._select(chunk, step % self.period_steps)

    def select_earlier_action(self, chunk: np.ndarray, step: int) -> np.ndarray:
        """Return the actions (n, 3) of the chunk before the last, (n, c, 3), for a control step."""
        return self._select(chunk, step % self.period_steps + self.period_steps)

    def _select(self, chunk: np.ndarray, since: int) -> np.ndarray:
        actions: np.ndarray = chunk[:, min(since // self.action_steps, chunk.shape[1] - 1)]
        return actions


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
    return Schedule.of(hold_steps(spec) * factor, latency_s + extra_s, spec.executed_actions)
