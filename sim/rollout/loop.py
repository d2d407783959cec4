"""One block of episodes, driven in lockstep: the policy sees all slots at every step, each episode ends on its own."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from policies.policy import ACTION_CONVENTION, ObservationBatch, Policy, PolicySpec, PrivilegedState
from scenarios.common.errors import InputError
from scenarios.world import World

CONTROL_PERIOD_S = (
    0.1  # equals envs.CONTROL_PERIOD_S (a test holds them together); importing envs would pull in PyBullet
)
IMAGE_SIZE = (224, 224)  # equals envs.IMAGE_SIZE
DRIVE_TICKS = 4  # drive ticks in a control period; equals envs' CONTROL_PERIOD_S * DRIVE_HZ

POLICY_FAULT: Literal["policy-fault"] = "policy-fault"


@dataclass(frozen=True)
class Episode:
    """Which episode it is: enough to draw its world again, on any machine."""

    scenario: str
    suite_seed: int
    number: int
    perturbation: str = "none"


@dataclass(frozen=True)
class Outcome:
    """How an episode ended.

    Attributes:
        status: 'success', 'collision', 'wrong-target', 'timeout', 'stuck' (the task's words) or 'policy-fault'.
        steps: Control steps that were driven.
        error: What the policy did wrong, one line; None unless the status is 'policy-fault'.
    """

    status: str
    steps: int
    error: str | None = None


class EpisodeState(Protocol):
    """What this package reads of an ``envs.simulation.simulation.EpisodeState``."""

    @property
    def agent_pos(self) -> np.ndarray: ...  # (6,) float32
    @property
    def pose(self) -> np.ndarray: ...  # (3,) float64: x, y (m), yaw (rad), the world's frame
    @property
    def status(self) -> str | None: ...
    @property
    def touched(self) -> str | None: ...
    @property
    def clearance_m(self) -> float: ...
    @property
    def progress(self) -> tuple[float, ...]: ...  # metres along the route of each of the world's movers


class BatchedStep(Protocol):
    """What this package reads of an ``envs.simulation.lockstep.BatchedStep``."""

    @property
    def pixels(self) -> np.ndarray: ...  # (n, H, W, 3) uint8
    @property
    def states(self) -> Sequence[EpisodeState]: ...


class Stepper(Protocol):
    """What the loop asks of ``envs.simulation.lockstep.Lockstep``; tests put small fakes here."""

    @property
    def simulations(self) -> Sequence[Any]: ...
    def reset(self, worlds: Sequence[World]) -> BatchedStep: ...
    def step(
        self, actions: np.ndarray, live: np.ndarray, before: np.ndarray | None = None, delay_ticks: int = 0
    ) -> BatchedStep: ...


class Observer(Protocol):
    """Whoever records an episode. Pixels are views of a buffer that the next step overwrites: copy what you keep."""

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        """An episode begins; this is its first observation."""
        ...

    def stepped(self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, policy_ms: float) -> None:
        """``action`` (the mean of what was commanded in this step, in [-1, 1]) was driven and led to this."""
        ...

    def ended(self, slot: int, outcome: Outcome) -> None:
        """The episode is over; nothing more comes for this slot in this block."""
        ...


def hold_steps(spec: PolicySpec) -> int:
    """Control steps for which each answer of this policy is held.

    Raises:
        InputError: The environment can't give what the spec declares (image size, action convention, period), or can't
            execute its hold action.
    """
    if spec.image_size is not None and tuple(spec.image_size) != IMAGE_SIZE:
        raise InputError(
            f"policy '{spec.name}' takes images of {spec.image_size[0]}x{spec.image_size[1]} pixels, "
            f"the environment gives {IMAGE_SIZE[0]}x{IMAGE_SIZE[1]}: resize inside the policy"
        )
    if spec.action_convention != ACTION_CONVENTION:
        raise InputError(
            f"policy '{spec.name}' answers actions as '{spec.action_convention}', "
            f"the environment takes '{ACTION_CONVENTION}'"
        )
    hold = np.asarray(spec.hold_action, dtype=np.float64)
    if hold.shape != (3,) or not np.all(np.abs(hold) <= 1.0):
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
    """When a policy is asked, and from when on its answer is driven.

    It observes at a control step and thinks while the world goes on with its last command. It observes again at the
    first control step that is both a period later and after the end of its thinking.

    Attributes:
        every: Control steps from one question to the next.
        thinking: Drive ticks from a question to its answer's effect.
    """

    period_steps: int
    latency_ticks: int = 0

    @classmethod
    def of(cls, period_steps: int, latency_s: float) -> Schedule:
        """Thinking counts in whole ticks, rounded up."""
        thinking = math.ceil(latency_s / CONTROL_PERIOD_S * DRIVE_TICKS - 1e-9)
        return cls(max(period_steps, math.ceil(thinking / DRIVE_TICKS)), thinking)

    def is_inference_step(self, step: int) -> bool:
        return step % self.period_steps == 0

    def delay_ticks(self, step: int) -> int:
        """Ticks of a control step, 0 to ``DRIVE_TICKS``, in which the command before the latest answer still holds."""
        return min(max(self.latency_ticks - DRIVE_TICKS * (step % self.period_steps), 0), DRIVE_TICKS)


def make_schedule(spec: PolicySpec, worlds: Sequence[World], latency_s: float = 0.0) -> Schedule:
    """The schedule of a block, whose worlds are disturbed alike.

    Args:
        spec: Of the policy.
        worlds: Of the block; the latency of their conditions comes on top, their period factor stretches the period.
        latency_s: How long the policy thinks anyway.

    Raises:
        InputError: The policy's spec doesn't fit the environment.
    """
    conditions = {(world.conditions.latency_s, world.conditions.period_factor) for world in worlds}
    if len(conditions) != 1:
        raise ValueError(f"one block, one schedule: latencies and period factors {sorted(conditions)} don't mix")
    ((extra_s, factor),) = conditions
    return Schedule.of(hold_steps(spec) * factor, latency_s + extra_s)


def rollout_episodes(
    lockstep: Stepper,
    policy: Policy,
    episodes: Sequence[Episode],
    worlds: Sequence[World],
    observers: Sequence[Observer] = (),
    latency_s: float = 0.0,
) -> list[Outcome]:
    """Drive every episode to its end and say how each ended, in order.

    The batch has as many slots as ``lockstep`` has simulations, whatever the number of episodes: slots beyond them
    repeat the first world and never live, and a slot whose episode ended keeps its last observation. So a policy
    computes with the same shapes at every step, and an episode can't depend on how many others were asked for.

    ``policy_ms`` is the wall time of ``act`` divided by the number of slots; a held action repeats that of its answer.
    The drive doesn't depend on it: thinking takes ``latency_s`` and what the worlds' conditions add (see ``Schedule``);
    before the first answer the spec's hold action is driven. Only a fault shows at once.

    Raises:
        InputError: The policy's spec doesn't fit the environment.
    """
    timing = make_schedule(policy.spec, worlds, latency_s)
    slots = len(lockstep.simulations)
    everyone = [*worlds, *[worlds[0]] * (slots - len(worlds))]
    step = lockstep.reset(everyone)
    live = np.arange(slots) < len(episodes)
    steps = 0
    actions = before = np.tile(np.asarray(policy.spec.hold_action, np.float32), (slots, 1))  # (n, 3)
    policy_ms = 0.0
    outcomes: list[Outcome | None] = [None] * len(episodes)

    def end(slot: int, status: str, error: str | None = None) -> None:
        live[slot] = False
        outcomes[slot] = outcome = Outcome(status, steps, error)
        for observer in observers:
            observer.ended(slot, outcome)

    for slot, episode in enumerate(episodes):
        for observer in observers:
            observer.started(slot, episode, worlds[slot], step.pixels[slot], step.states[slot])
    for slot, fault in enumerate(_reset(policy, [world.instruction for world in everyone])[: len(episodes)]):
        if fault is not None:
            end(slot, POLICY_FAULT, fault)
    while live.any():
        if timing.is_inference_step(steps):
            before = actions
            actions, faults, policy_ms = _act(policy, make_observation(policy.spec, step, everyone, live))
            for slot in np.flatnonzero(live).tolist():
                if (fault := faults[slot]) is not None:
                    end(slot, POLICY_FAULT, fault)
            if not live.any():
                break
        moving = np.flatnonzero(live).tolist()
        delay = timing.delay_ticks(steps)
        step = lockstep.step(actions, live.copy(), before, delay)
        driven = _mean_command(before, actions, delay)
        steps += 1
        for slot in moving:
            state = step.states[slot]
            for observer in observers:
                observer.stepped(slot, driven[slot], step.pixels[slot], state, policy_ms)
            if state.status is not None:
                end(slot, state.status)
    return [outcome for outcome in outcomes if outcome is not None]


def _mean_command(before: np.ndarray, after: np.ndarray, delay_ticks: int) -> np.ndarray:
    """(n, 3) what was commanded on average over a control step that ``before`` held for so many ticks."""
    if delay_ticks in (0, DRIVE_TICKS):  # exactly the one or the other, to the bit
        return before if delay_ticks else after
    return (delay_ticks * before + (DRIVE_TICKS - delay_ticks) * after) / np.float32(DRIVE_TICKS)


def make_observation(
    spec: PolicySpec, step: BatchedStep, worlds: Sequence[World], live: np.ndarray
) -> ObservationBatch:
    """What a policy is shown of a step; the truth only if its spec is privileged to it."""
    truth = None
    if spec.privileged:
        truth = tuple(
            PrivilegedState(world, state.pose, state.progress) for world, state in zip(worlds, step.states, strict=True)
        )
    agent_pos = np.stack([state.agent_pos for state in step.states]).astype(np.float32)  # (n, 6)
    return ObservationBatch(None if spec.image_size is None else step.pixels, agent_pos, live.copy(), truth)


def _reset(policy: Policy, instructions: Sequence[str]) -> list[str | None]:
    """Reset every slot; for each slot None, or what went wrong."""
    try:
        policy.reset(range(len(instructions)), instructions)
    except Exception as error:  # noqa: BLE001  any policy, any error: it is recorded as the episodes' outcome
        return [describe_error(error)] * len(instructions)
    return [None] * len(instructions)


def _act(policy: Policy, batch: ObservationBatch) -> tuple[np.ndarray, list[str | None], float]:
    """Actions (n, 3) fit to be driven; for each slot None or what was wrong with its answer; milliseconds per slot."""
    slots = len(batch.live)
    nothing = np.zeros((slots, 3), np.float32)
    began = time.perf_counter()
    try:
        answer = np.asarray(policy.act(batch), dtype=np.float32)
    except Exception as error:  # noqa: BLE001  any policy, any error: it is recorded as the episodes' outcome
        return nothing, [describe_error(error)] * slots, 0.0
    policy_ms = (time.perf_counter() - began) * 1e3 / slots
    if answer.shape != (slots, 3):
        return nothing, [f"act answered shape {answer.shape}, expected {(slots, 3)}"] * slots, policy_ms
    sound = np.all(np.isfinite(answer), axis=1)  # (n,)
    faults = [None if ok else f"act answered {_row(row)}" for ok, row in zip(sound, answer, strict=True)]
    actions = np.where(sound[:, None], np.clip(answer, -1.0, 1.0), np.float32(0.0))
    return actions, faults, policy_ms


def _row(values: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:g}" for value in values) + "]"


def describe_error(error: BaseException) -> str:
    """An error in one line: its type and its message."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}"[:500] if message else type(error).__name__
