"""A policy's actions on recorded frames, fed to it in order as in closed loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.dataset.clock import frames_per_period, schedule_calls
from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.episodes import EpisodeDataset
from policies.formats.observation_format import to_policy_pixels, to_policy_state
from policies.policy import ObservationBatch, Policy, PolicySpec, PrivilegedState
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.world import World
from sim.offline.frames.feed import FrameFeed
from sim.results.plan import BLOCK_EPISODES
from sim.rollout.frame_history import FrameHistory
from sim.rollout.policy_calls import convert_answer
from sim.rollout.schedule import hold_steps

OFFLINE_BATCH = BLOCK_EPISODES  # episodes that are predicted together: a policy has one batch size everywhere


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


def predict_actions(policy: Policy, recording: EpisodeDataset, episodes: Sequence[RecordedEpisode]) -> PredictedActions:
    """Predict actions on each of at most ``OFFLINE_BATCH`` episodes, each from a fresh recurrent state.

    The policy is called by the clock of the recording, as in closed loop: observations and actions are in its formats,
    and of a chunk as many actions are given as it declares. Each is held until the next and clipped to [-1, 1]. Only
    the latest frames of each episode are in memory.

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
    frames = _FrameWindow(policy.spec, recording, episodes, calls.seen)
    policy.reset(range(OFFLINE_BATCH), [each.instruction for each in padded])
    replan = policy.spec.executed_actions
    chunk = np.zeros((OFFLINE_BATCH, 1, 3), np.float32)
    given = np.zeros((lengths.max(), OFFLINE_BATCH, 3), np.float32)
    for step, (frame, start) in enumerate(zip(calls.seen.tolist(), calls.held_from.tolist(), strict=True)):
        live = np.flatnonzero(lengths > frame)
        frames.advance(step, frame)
        if step % replan == 0:
            batch = _batch(policy.spec, padded, worlds, frame, len(episodes), frames.stack())
            chunk = convert_answer(policy.spec, np.asarray(policy.act(batch), dtype=np.float32), OFFLINE_BATCH)
            if not np.isfinite(chunk[live]).all():
                raise ValueError(f"act returned a value that is not finite at frame {frame}")
        given[start:, live] = np.clip(chunk[live, step % replan], -1.0, 1.0)
    actions = [given[:length, slot] for slot, length in enumerate(lengths)]
    return PredictedActions(actions, frames.resized_from)


class _FrameWindow:
    """The latest frames of a batch of episodes, as many as the policy takes; none if it takes no image."""

    def __init__(
        self, spec: PolicySpec, recording: EpisodeDataset, episodes: Sequence[RecordedEpisode], seen: np.ndarray
    ) -> None:
        # Without a history, frames between two inferences aren't needed.
        self._every = 1 if spec.observation.frames > 1 else spec.executed_actions
        self._history = FrameHistory(spec.observation.frames)
        self._padding = OFFLINE_BATCH - len(episodes)
        self._feed: FrameFeed | None = None
        if (size := spec.image_size) is not None:
            lengths = [episode.signals.length for episode in episodes]
            numbers = [episode.number for episode in episodes]
            self._feed = FrameFeed(recording, numbers, lengths, seen[:: self._every], (size[0], size[1]))

    def advance(self, step: int, frame: int) -> None:
        """Take in a frame of every episode, if it is needed; slots without an episode repeat the first's."""
        if self._feed is not None and step % self._every == 0:
            frames = self._feed.read(frame)
            self._history.add(np.stack([*frames, *[frames[0]] * self._padding]))

    def stack(self) -> np.ndarray | None:
        """Return the frames for an observation; None if the policy takes none."""
        return None if self._feed is None else self._history.stack()

    @property
    def resized_from(self) -> set[tuple[int, int]]:
        """(height, width) of the frames that were resized so far."""
        return set() if self._feed is None else self._feed.resized_from


def _batch(
    spec: PolicySpec,
    episodes: Sequence[DemonstrationSignals],
    worlds: Sequence[World] | None,
    frame: int,
    count: int,
    pixels: np.ndarray | None,
) -> ObservationBatch:
    """Observations at a frame of every episode in the policy's format; finished episodes repeat their last."""
    at = [min(frame, episode.length - 1) for episode in episodes]
    live = np.array([slot < count and frame < episode.length for slot, episode in enumerate(episodes)])
    agent_pos = np.stack([episode.agent_pos[row] for episode, row in zip(episodes, at, strict=True)])
    truth = None
    if worlds is not None:
        truth = tuple(
            PrivilegedState(world, pose_from_odometry(world, row)) for world, row in zip(worlds, agent_pos, strict=True)
        )
    seen = None if pixels is None else to_policy_pixels(spec.observation, pixels)
    return ObservationBatch(seen, to_policy_state(spec.observation, agent_pos), live, truth)


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
