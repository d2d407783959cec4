"""Calls of a policy: its observation, and the handling of exceptions and invalid actions."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from policies.answers import convert_answer
from policies.formats.observation_format import to_policy_pixels, to_policy_state
from policies.host.standalone import answers
from policies.policy import ObservationBatch, Policy, PolicyFaultError, PolicySpec, PrivilegedState
from scenarios.robot import ACTION_SIZE
from scenarios.world import World
from sim.rollout.episode import BatchedStep, InferenceTime
from sim.rollout.frame_history import FrameHistory

MAX_MESSAGE = 500  # characters
CALLER = Path(__file__).parents[1]  # this package: it calls policies and has none
INSTALLED = {"site-packages", "dist-packages", f"python{sys.version_info.major}.{sys.version_info.minor}"}


class PolicyActions(NamedTuple):
    """The result of one call of ``act``."""

    actions: np.ndarray  # (n, c, 3) float32
    """The environment's actions, a chunk for each slot; finite, zero where the policy's actions were invalid."""
    errors: Sequence[str | None]
    """For each slot, the error of its action, or None."""
    inference: InferenceTime
    """Duration of the call, and the number of running episodes in its batch."""


def make_observation(
    spec: PolicySpec, step: BatchedStep, worlds: Sequence[World], live: np.ndarray, frames: FrameHistory
) -> ObservationBatch:
    """Make a policy's observation of a step in the policy's format.

    Args:
        spec: The policy's spec; the privileged state is only in the observation if it is privileged.
        step: The step of all n slots.
        worlds: The worlds of all n slots.
        live: (n,) bool, True where the episode still runs.
        frames: The latest frames, those of the step included.
    """
    truth = None
    if spec.privileged:
        truth = tuple(
            PrivilegedState(world, state.pose, state.progress) for world, state in zip(worlds, step.states, strict=True)
        )
    agent_pos = np.stack([state.agent_pos for state in step.states]).astype(np.float32)  # (n, 6)
    pixels = None if spec.image_size is None else to_policy_pixels(spec.observation, frames.stack())
    return ObservationBatch(pixels, to_policy_state(spec.observation, agent_pos), live.copy(), truth)


def reset_policy(policy: Policy, instructions: Sequence[str]) -> str | None:
    """Reset every slot; return the policy's error, or None."""
    try:
        policy.reset(range(len(instructions)), instructions)
    except (Exception, SystemExit) as error:  # noqa: BLE001  any policy, any error: it is recorded as the episodes' outcome
        return describe_error(error)
    return None


def infer_actions(policy: Policy, batch: ObservationBatch) -> PolicyActions:
    """Call a policy for the actions of all slots, convert them from the policy's format, and check each."""
    slots, spec = len(batch.live), policy.spec
    nothing = np.zeros((slots, 1, ACTION_SIZE), np.float32)
    began = time.perf_counter()
    try:
        answer = answers.read_answer(policy.act(batch), "act")
    except (Exception, SystemExit) as error:  # noqa: BLE001  any policy, any error: it is recorded as the episodes' outcome
        return PolicyActions(nothing, [describe_error(error)] * slots, InferenceTime())
    inference = InferenceTime((time.perf_counter() - began) * 1e3, max(1, int(batch.live.sum())))
    try:
        actions = convert_answer(spec, answer, slots)
    except ValueError as error:
        return PolicyActions(nothing, [str(error)] * slots, inference)
    sound = np.all(np.isfinite(actions), axis=(1, 2))  # (n,)
    errors = [None if ok else f"act returned {_format_action(row)}" for ok, row in zip(sound, answer, strict=True)]
    return PolicyActions(np.where(sound[:, None, None], actions, np.float32(0.0)), errors, inference)


def describe_error(error: BaseException) -> str:
    """Describe an error in one line: its type, its message, and the file and line of the policy that it comes from."""
    if isinstance(error, PolicyFaultError):
        return str(error)
    try:
        message = " ".join(str(error).split()).encode(errors="backslashreplace").decode()
    except Exception:  # noqa: BLE001  a policy's error may fail to describe itself
        message = ""
    named = f"{type(error).__name__}: {message}"[:MAX_MESSAGE] if message else type(error).__name__
    place = find_place(error)
    return named if place is None else f"{named} ({place})"


def find_place(error: BaseException) -> str | None:
    """Return the file and line of the policy that an error comes from, as file:line; None if no policy raised it.

    It is the last place outside installed packages; inside them if all of its code is installed.
    """
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not Path(frame.filename).is_relative_to(CALLER) and frame.filename != answers.__file__
    ]
    own = [frame for frame in frames if not INSTALLED & set(Path(frame.filename).parts)]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in own or frames]
    return places[-1] if places else None


def _format_action(values: np.ndarray) -> str:
    wrong = values if values.ndim == 1 else values[~np.isfinite(values).all(axis=1)][0]
    return "[" + ", ".join(f"{value:g}" for value in wrong) + "]"
