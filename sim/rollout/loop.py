"""The closed loop: drives one block of episodes in lockstep, with one batch of all slots for the policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from envs.simulation.command import Command
from policies.policy import Policy
from scenarios.robot import IMAGE_SIZE
from scenarios.world import World
from sim.rollout.episode import POLICY_FAULT, BatchedStep, Episode, InferenceTime, Observer, Outcome
from sim.rollout.frame_history import FrameHistory
from sim.rollout.policy_calls import infer_actions, make_observation, reset_policy
from sim.rollout.schedule import Schedule, make_schedule


class Stepper(Protocol):
    """The part of ``envs.simulation.lockstep.Lockstep`` that the loop uses."""

    image_size: tuple[int, int]  # (height, width) of the frames from the next reset on

    @property
    def simulations(self) -> Sequence[Any]: ...  # one for each slot
    @property
    def worlds(self) -> Sequence[World]: ...  # of every slot since the last reset, padding included
    def reset(self, worlds: Sequence[World]) -> BatchedStep: ...
    def step(self, command: Command, live: np.ndarray) -> BatchedStep: ...


EndListener = Callable[[int, Outcome], None]
"""Called with the slot and the outcome of an episode, after all observers."""


def rollout_episodes(
    lockstep: Stepper,
    policy: Policy,
    episodes: Sequence[Episode],
    worlds: Sequence[World],
    observers: Sequence[Observer] = (),
    latency_s: float = 0.0,
    on_end: EndListener | None = None,
) -> list[Outcome]:
    """Drive every episode to its end and return the outcomes in order.

    The batch has as many slots as ``lockstep`` has simulations, whatever the number of episodes: slots beyond them are
    padding and never live, and a slot whose episode ended keeps its last observation. So a policy computes with the
    same shapes at every step, and an episode doesn't depend on how many others are driven.

    Driving doesn't depend on the wall time of ``act``: inference takes ``latency_s`` plus the latency of the worlds'
    conditions (see ``Schedule``); before the first action the spec's hold action is driven. A policy's error takes
    effect at once.

    Raises:
        InputError: The policy's spec doesn't fit the environment.
    """
    drive = _Drive(lockstep, policy, make_schedule(policy.spec, worlds, latency_s), observers, on_end)
    drive.begin(episodes, worlds)
    while drive.live.any():
        drive.think()
        drive.move()
    return drive.outcomes


class _Drive:
    """A rollout in progress: the live slots, their actions, and the outcomes of the others."""

    def __init__(
        self,
        lockstep: Stepper,
        policy: Policy,
        schedule: Schedule,
        observers: Sequence[Observer],
        on_end: EndListener | None,
    ) -> None:
        slots = len(lockstep.simulations)
        self.live = np.zeros(slots, bool)
        self._outcomes: dict[int, Outcome] = {}
        self._lockstep = lockstep
        self._policy = policy
        self._schedule = schedule
        self._observers = observers
        self._on_end = on_end
        self._steps = 0
        self._frames = FrameHistory(policy.spec.observation.frames)
        hold = np.asarray(policy.spec.hold_action, np.float32)
        self._chunk = self._chunk_before = np.tile(hold, (slots, 1, 1))  # (n, c, 3)
        self._inference = InferenceTime()

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes of the episodes that have ended, in order."""
        return [self._outcomes[slot] for slot in sorted(self._outcomes)]

    def begin(self, episodes: Sequence[Episode], worlds: Sequence[World]) -> None:
        """Put the worlds into the slots, show the observers the first observations, and reset the policy."""
        self._lockstep.image_size = self._policy.spec.image_size or IMAGE_SIZE
        self._step = self._lockstep.reset(worlds)
        self.live[: len(episodes)] = True
        for slot, episode in enumerate(episodes):
            for observer in self._observers:
                observer.started(slot, episode, worlds[slot], self._step.pixels[slot], self._step.states[slot])
        error = reset_policy(self._policy, [world.instruction for world in self._lockstep.worlds])
        if error is not None:
            for slot in self._live_slots():
                self._end(slot, POLICY_FAULT, error)

    def think(self) -> None:
        """If an inference is due, call the policy with the last observation; an error ends its slot."""
        if self._schedule.is_frame_step(self._steps):
            self._frames.add(self._step.pixels)
        if not self._schedule.is_inference_step(self._steps):
            return
        worlds = self._lockstep.worlds
        observation = make_observation(self._policy.spec, self._step, worlds, self.live, self._frames)
        self._chunk_before = self._chunk
        self._chunk, errors, self._inference = infer_actions(self._policy, observation)
        for slot in self._live_slots():
            if (error := errors[slot]) is not None:
                self._end(slot, POLICY_FAULT, error)

    def move(self) -> None:
        """Drive the live slots for one control period, notify the observers, and end the episodes that are over."""
        schedule, at = self._schedule, self._steps
        before = schedule.select_earlier_action(self._chunk_before, at)
        command = Command(before, schedule.select_action(self._chunk, at), schedule.delay_ticks(at))
        self._step = self._lockstep.step(command, self.live)
        self._steps += 1
        driven = command.mean  # (n, 3)
        for slot in self._live_slots():
            state = self._step.states[slot]
            for observer in self._observers:
                observer.stepped(slot, driven[slot], self._step.pixels[slot], state, self._inference)
            if state.status is not None:
                self._end(slot, state.status)

    def _live_slots(self) -> list[int]:
        return np.flatnonzero(self.live).tolist()

    def _end(self, slot: int, status: str, error: str | None = None) -> None:
        self.live[slot] = False
        self._outcomes[slot] = outcome = Outcome(status, self._steps, error)
        for observer in self._observers:
            observer.ended(slot, outcome)
        if self._on_end is not None:
            self._on_end(slot, outcome)
