"""Drives a policy in the first scenes of a data set: a few seconds, or to the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.scripted.expert import compute_expert_action
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import World
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.subject import NotAvailableError, Subject
from sim.offline.metrics.gathering.watched_policy import WatchedPolicy
from sim.offline.metrics.scenes.drives import SHORT_DRIVE_S, DrivenStates
from sim.offline.metrics.scenes.scene import EpisodeScene
from sim.results.plan import BLOCK_EPISODES
from sim.rollout.episode import Episode, EpisodeState, InferenceTime, Observer
from sim.rollout.loop import rollout_episodes


@dataclass
class _OpenDrive:
    states: list[EpisodeState]
    actions: list[np.ndarray] = field(default_factory=list)


class StateLog(Observer):
    """Keeps the states and actions of every slot's drive."""

    def __init__(self) -> None:
        self.drives: dict[int, _OpenDrive] = {}

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        self.drives[slot] = _OpenDrive([state])

    def stepped(
        self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, inference: InferenceTime
    ) -> None:
        self.drives[slot].states.append(state)
        self.drives[slot].actions.append(action)


def drive_short(subject: Subject, evidence: Evidence) -> tuple[DrivenStates | None, ...]:
    """Drive for ``SHORT_DRIVE_S`` in each of the first ``BLOCK_EPISODES`` scenes."""
    return _drive(subject, evidence.scenes, SHORT_DRIVE_S)


def drive_whole(subject: Subject, evidence: Evidence) -> tuple[DrivenStates | None, ...]:
    """Drive to the end in each of the first ``BLOCK_EPISODES`` scenes."""
    return _drive(subject, evidence.scenes, math.inf)


def _drive(subject: Subject, scenes: Sequence[EpisodeScene], limit_s: float) -> tuple[DrivenStates | None, ...]:
    chosen = scenes[:BLOCK_EPISODES]
    worlds = [limit_time(scene.world, limit_s) for scene in chosen]
    if len({(world.conditions.latency_s, world.conditions.period_factor) for world in worlds}) > 1:
        raise NotAvailableError("the data set's scenes differ in latency, so they can't be driven side by side")
    episodes = [
        Episode(told.scenario, told.suite_seed, told.episode)
        for signals in subject.signals[: len(chosen)]
        if (told := signals.scene) is not None
    ]
    log, watched, lockstep = StateLog(), WatchedPolicy(subject.policy), Lockstep(BLOCK_EPISODES)
    try:
        outcomes = rollout_episodes(lockstep, watched, episodes, worlds, [log])
    finally:
        lockstep.close()
    if not any(outcome.steps for outcome in outcomes):
        raise NotAvailableError(f"the policy failed before its first step: {outcomes[0].error}")
    steps = sum(outcome.steps for outcome in outcomes)
    subject.meter.frames += watched.frames
    subject.meter.steps += steps
    subject.meter.renders += 0 if subject.policy.spec.image_size is None else steps + len(outcomes)
    driven = [_finish(log.drives[slot], scene) for slot, scene in enumerate(chosen)]
    return (*driven, *[None] * (len(scenes) - len(driven)))


def limit_time(world: World, limit_s: float) -> World:
    """Return the world with a task that ends after ``limit_s`` at the latest."""
    return replace(world, task=replace(world.task, time_limit_s=min(limit_s, world.task.time_limit_s)))


def _finish(drive: _OpenDrive, scene: EpisodeScene) -> DrivenStates:
    """The states, with the expert's action and the way to the goal in each."""
    away, labels = [], []
    for state in drive.states:
        away.append(scene.planner.at_progress(state.progress).distance_to_goal(state.pose[:2]))
    for state in drive.states[:-1]:
        labels.append(compute_expert_action(scene.planner, state.pose, state.progress))
    steps = len(drive.actions)
    return DrivenStates(
        np.column_stack([np.array([state.pose for state in drive.states]), away]),
        np.array(drive.actions, np.float64).reshape(steps, 3),
        np.array(labels, np.float64).reshape(steps, 3),
        CONTROL_PERIOD_S,
    )
