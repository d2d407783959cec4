"""Calls of a policy: its observation, and the handling of exceptions and invalid actions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.policy import ObservationBatch, Policy, PolicySpec, PrivilegedState
from scenarios.robot import ACTION_SIZE
from scenarios.world import World
from sim.rollout.episode import BatchedStep


class PolicyActions(NamedTuple):
    """The result of one call of ``act``."""

    actions: np.ndarray  # (n, 3) float32
    """Finite; zero where the policy's actions were invalid."""
    errors: Sequence[str | None]
    """For each slot, the error of its action, or None."""
    policy_ms: float
    """Duration of the call in milliseconds, divided by the number of slots."""


def make_observation(
    spec: PolicySpec, step: BatchedStep, worlds: Sequence[World], live: np.ndarray
) -> ObservationBatch:
    """Make a policy's observation of a step, with the privileged state only if its spec is privileged.

    Args:
        spec: The policy's spec.
        step: The step of all n slots.
        worlds: The worlds of all n slots.
        live: (n,) bool, True where the episode still runs.
    """
    truth = None
    if spec.privileged:
        truth = tuple(
            PrivilegedState(world, state.pose, state.progress) for world, state in zip(worlds, step.states, strict=True)
        )
    agent_pos = np.stack([state.agent_pos for state in step.states]).astype(np.float32)  # (n, 6)
    return ObservationBatch(None if spec.image_size is None else step.pixels, agent_pos, live.copy(), truth)


def reset_policy(policy: Policy, instructions: Sequence[str]) -> str | None:
    """Reset every slot; return the policy's error, or None."""
    try:
        policy.reset(range(len(instructions)), instructions)
    except Exception as error:  # noqa: BLE001  any policy, any error: it is recorded as the episodes' outcome
        return describe_error(error)
    return None


def infer_actions(policy: Policy, batch: ObservationBatch) -> PolicyActions:
    """Call a policy for the actions of all slots, and check each."""
    slots = len(batch.live)
    nothing = np.zeros((slots, ACTION_SIZE), np.float32)
    began = time.perf_counter()
    try:
        actions = np.asarray(policy.act(batch), dtype=np.float32)
    except Exception as error:  # noqa: BLE001  any policy, any error: it is recorded as the episodes' outcome
        return PolicyActions(nothing, [describe_error(error)] * slots, 0.0)
    policy_ms = (time.perf_counter() - began) * 1e3 / slots
    if actions.shape != nothing.shape:
        wrong = f"act returned shape {actions.shape}, expected {nothing.shape}"
        return PolicyActions(nothing, [wrong] * slots, policy_ms)
    sound = np.all(np.isfinite(actions), axis=1)  # (n,)
    errors = [None if ok else f"act returned {_format_action(row)}" for ok, row in zip(sound, actions, strict=True)]
    return PolicyActions(np.where(sound[:, None], actions, nothing), errors, policy_ms)


def describe_error(error: BaseException) -> str:
    """Describe an error in one line: its type and its message."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}"[:500] if message else type(error).__name__


def _format_action(values: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:g}" for value in values) + "]"
