"""The policy that drives during recording: with action noise, or mixed with the expert (DAgger), which labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from policies.formats.action_format import VELOCITY
from policies.policy import ObservationBatch, Policy, PolicySpec
from policies.scripted.expert import ExpertPolicy
from scenarios.common.errors import InputError
from scenarios.common.seeding import episode_seed, make_generator
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import World
from sim.record.drivers.action_noise import draw_expert_mask, draw_noise_bursts
from sim.rollout.episode import Episode
from sim.rollout.policy_calls import convert_answer


@dataclass(frozen=True)
class ActionDisturbance:
    """Changes to the policy's actions before they are executed."""

    bursts: bool = False
    """Add bursts of noise."""
    expert_share: float = 0.0
    """Probability that the expert drives a segment in the policy's place."""


class LabellingPolicy(Policy, Protocol):
    """A policy that also provides the actions to imitate, and says where noise was added to its own."""

    labels: np.ndarray  # (n, 3) for the last observation
    noise_burst: np.ndarray  # (n,) bool, whether noise was added to the last action

    def prepare(self, episodes: Sequence[Episode], worlds: Sequence[World], slots: int) -> None:
        """Prepare for the episodes that are about to start in slots 0, 1, ..."""
        ...


class DaggerPolicy:
    """A policy that returns another's actions, disturbed, and keeps the expert's actions in ``labels`` (n, 3).

    The expert labels every step, also those at which the policy still drives a chunk.

    Args:
        policy: The policy that drives; None: the expert, which is then called only once for both.
        disturbance: Changes to the policy's actions.
        image_size: (height, width) of the frames if the policy takes none; None: those of the environment.

    Raises:
        InputError: The policy's period isn't the control period: its labels would not fit its steps.
    """

    def __init__(
        self, policy: Policy | None, disturbance: ActionDisturbance, image_size: tuple[int, int] | None = None
    ) -> None:
        if policy is not None and not math.isclose(policy.spec.period_s, CONTROL_PERIOD_S):
            raise InputError(
                f"policy '{policy.spec.name}' acts every {policy.spec.period_s:g} s; "
                f"only policies that act every {CONTROL_PERIOD_S:g} s can be recorded"
            )
        self._expert = ExpertPolicy()
        self._policy = policy
        self._disturbance = disturbance
        self._image_size = image_size
        self._step = 0
        self.labels = np.zeros((0, 3), np.float32)
        self.noise_burst: np.ndarray = np.zeros(0, bool)

    @property
    def spec(self) -> PolicySpec:
        """The policy's own spec, but for velocities at every step, and privileged: the expert needs the true state."""
        spec = (self._policy or self._expert).spec
        size = spec.image_size or self._image_size
        return replace(spec, privileged=True, image_size=size, action=VELOCITY, chunk=1, replan=1, plays_chunk=False)

    def prepare(self, episodes: Sequence[Episode], worlds: Sequence[World], slots: int) -> None:
        """Sample the disturbances of the episodes that are about to start in slots 0, 1, ..."""
        steps = max(math.ceil(world.task.time_limit_s / CONTROL_PERIOD_S) for world in worlds) + 2
        self._offsets = np.zeros((slots, steps, 3), np.float32)
        self._expert_drives = np.zeros((slots, steps), bool)
        for slot, episode in enumerate(episodes):
            seed = episode_seed(episode.suite_seed, episode.scenario, episode.number)
            if self._disturbance.bursts:
                self._offsets[slot] = draw_noise_bursts(make_generator(seed, "noise"), steps)
            self._expert_drives[slot] = draw_expert_mask(
                make_generator(seed, "mix"), steps, self._disturbance.expert_share
            )

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._step = 0
        self._expert.reset(slots, instructions)
        if self._policy is not None:
            self._policy.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        self.labels = self._expert.act(batch)
        driven = self.labels
        if self._policy is not None:
            chosen = self._choose_actions(self._policy, batch)
            driven = np.where(self._expert_drives[:, self._step, None], self.labels, chosen)
        offsets = self._offsets[:, self._step]
        self.noise_burst = np.asarray(offsets.any(axis=1))
        executed = driven + offsets  # may leave [-1, 1], as any policy's action may
        self._step += 1
        return np.asarray(executed)

    def _choose_actions(self, policy: Policy, batch: ObservationBatch) -> np.ndarray:
        """Return the policy's actions (n, 3): the next ones of its chunk, or the first of a new one."""
        spec = policy.spec
        at = self._step % spec.executed_actions
        if at == 0:
            pixels = None if spec.image_size is None else batch.pixels
            seen = replace(batch, pixels=pixels, truth=batch.truth if spec.privileged else None)
            answer = np.asarray(policy.act(seen), np.float32)
            self._chunk = convert_answer(spec, answer, len(batch.live))
        return self._chunk[:, at]
