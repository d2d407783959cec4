"""A policy's actions on recorded frames, fed to it in order as in closed loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.dataset.clock import frames_per_period, schedule_calls
from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.episodes import EpisodeDataset
from policies.policy import ObservationBatch, Policy, PrivilegedState
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.world import World
from sim.offline.frames.feed import FrameFeed
from sim.rollout.schedule import hold_steps

OFFLINE_BATCH = 16  # episodes that are predicted together; a constant, as in closed loop


class RecordedEpisode(NamedTuple):
    """An episode of a data set, without its frames."""

    number: int
    signals: DemonstrationSignals


class PredictedActions(NamedTuple):
    """A policy's actions on some episodes."""

    actions: list[np.ndarray]
    """(t, 3) of each episode, in [-1, 1]."""
    resized_from: set[tuple[int, int]]
    """(height, width) of the frames that were resized for the policy."""


def predict_actions(
    policy: Policy, recording: EpisodeDataset, episodes: Sequence[RecordedEpisode]
) -> PredictedActions:
    """Predict actions on each of at most ``OFFLINE_BATCH`` episodes, each from a fresh recurrent state.

    The policy is called by the clock of the recording. Actions are held until the next call and clipped to [-1, 1], as
    the robot does. One frame of each episode is in memory.

    Raises:
        ValueError: An action has the wrong shape, or isn't finite.
        UnreadableFramesError: A file is damaged.
    """
    signals = [episode.signals for episode in episodes]
    lengths = np.array([each.length for each in signals])
    padded = [*signals, *[signals[0]] * (OFFLINE_BATCH - len(signals))]
    worlds = [_world(each) for each in padded] if policy.spec.privileged else None
    if worlds is not None and any(world.movers for world in worlds):
        raise ValueError(
            "the recording doesn't contain the positions of moving objects, which this privileged policy needs"
        )
    calls = schedule_calls(frames_per_period(policy.spec.period_s, recording.fps), int(lengths.max()))
    feed = None
    if (size := policy.spec.image_size) is not None:
        numbers = [episode.number for episode in episodes]
        feed = FrameFeed(recording, numbers, [each.length for each in signals], calls.seen, (size[0], size[1]))
    policy.reset(range(OFFLINE_BATCH), [each.instruction for each in padded])
    given = np.zeros((lengths.max(), OFFLINE_BATCH, 3), np.float32)
    for frame, start in zip(calls.seen.tolist(), calls.held_from.tolist(), strict=True):
        batch = _batch(padded, worlds, frame, len(episodes), None if feed is None else feed.read(frame))
        action = np.asarray(policy.act(batch), dtype=np.float32)
        if action.shape != (OFFLINE_BATCH, 3):
            raise ValueError(f"act returned shape {action.shape}, expected {(OFFLINE_BATCH, 3)}")
        live = np.flatnonzero(lengths > frame)
        if not np.isfinite(action[live]).all():
            raise ValueError(f"act returned a value that is not finite at frame {frame}")
        given[start:, live] = np.clip(action[live], -1.0, 1.0)
    actions = [given[:length, slot] for slot, length in enumerate(lengths)]
    return PredictedActions(actions, set() if feed is None else feed.resized_from)


def _batch(
    episodes: Sequence[DemonstrationSignals],
    worlds: Sequence[World] | None,
    frame: int,
    count: int,
    frames: Sequence[np.ndarray] | None,
) -> ObservationBatch:
    """Observations at a frame of every episode; finished ones repeat their last, and the rest the first episode's."""
    at = [min(frame, episode.length - 1) for episode in episodes]
    live = np.array([slot < count and frame < episode.length for slot, episode in enumerate(episodes)])
    agent_pos = np.stack([episode.agent_pos[row] for episode, row in zip(episodes, at, strict=True)])
    pixels = None
    if frames is not None:
        pixels = np.stack([*frames, *[frames[0]] * (len(episodes) - count)])
    truth = None
    if worlds is not None:
        truth = tuple(
            PrivilegedState(world, pose_from_odometry(world, row)) for world, row in zip(worlds, agent_pos, strict=True)
        )
    return ObservationBatch(pixels, agent_pos, live, truth)


def check_compatible(policy: Policy, episodes: Sequence[DemonstrationSignals], recording: EpisodeDataset) -> None:
    """Check that a policy can be scored on these episodes; if not, that isn't an error of the policy.

    Raises:
        InputError: A spec that fits no environment, no scenes for a privileged policy, or labels that are not finite.
    """
    hold_steps(policy.spec)
    name, where = policy.spec.name, recording.root
    for episode in episodes:
        if policy.spec.privileged and episode.scene is None:
            raise InputError(f"{where} doesn't name the scenes that it was recorded in, which policy '{name}' needs")
        if not np.isfinite(episode.actions).all():
            raise InputError(f"{where} contains actions that are not finite: no error can be computed")


def check_recording(policy: Policy, recording: EpisodeDataset) -> None:
    """Check the first episode, and its first frame if the policy takes any, before a run starts.

    Raises:
        InputError: The policy can't be scored on these episodes.
    """
    check_compatible(policy, [recording.signals(0)], recording)
    if policy.spec.image_size is not None:
        next(recording.frames(0, [0]))


def _world(episode: DemonstrationSignals) -> World:
    scene = episode.scene
    if scene is None:
        raise ValueError("the episode has no scene")
    return get_scenario(scene.scenario).world(scene.suite_seed, scene.episode)
