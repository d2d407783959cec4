"""The offline score of a policy on recorded episodes: its error in every convention, with its baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from policies.dataset.episodes import EpisodeDataset
from policies.policy import Policy
from scenarios.robot import AXIS_NAMES
from sim.offline.baselines import CONSTANT_BASELINES, HOLD_BASELINE, fit_constant_baselines, repeat_previous_action
from sim.offline.conventions import CONVENTIONS, DEFAULT_CONVENTION, UNIT_SCALES, select_frames
from sim.offline.dataset_checks import (
    ScoredEpisodes,
    TrainingSet,
    list_skipped_checks,
    run_dataset_checks,
    select_axes,
)
from sim.offline.error_statistics import ErrorStatistics, summarise_errors, to_baseline_errors, to_policy_errors
from sim.offline.frame_kinds.errors import score_frame_kinds
from sim.offline.frame_kinds.kinds import RecordedFrames
from sim.offline.frame_kinds.worst_frames import measure_worst_tenth
from sim.offline.frames.feed import UnreadableFramesError
from sim.offline.frames.notes import note_recording
from sim.offline.predictions import OFFLINE_BATCH, RecordedEpisode, check_compatible, predict_actions
from sim.results.summary.offline_score import Convention, ConventionScore, OfflineScore
from sim.rollout.policy_calls import describe_error

DECIMALS = 6  # of the errors per convention; there are many

ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class Predictions:
    """A policy's actions on recorded episodes, and the episodes."""

    episodes: ScoredEpisodes
    """All episodes, even if the policy failed."""
    frames: tuple[RecordedFrames, ...]
    """What tells the kinds of frame of each episode."""
    actions: tuple[np.ndarray, ...] | None
    """(t, axes) of each episode, of the axes that the labels have; None if the policy failed."""
    error: str | None
    """Error of the policy; None if it didn't fail."""
    resized_from: frozenset[tuple[int, int]]
    """(height, width) of the frames that were resized for the policy."""


def score_policy(policy: Policy, recording: EpisodeDataset, training: TrainingSet | None = None) -> OfflineScore:
    """Score a policy on recorded episodes.

    All frames are fed in order, each episode from a fresh recurrent state; each convention then selects its frames.
    One frame of each of ``OFFLINE_BATCH`` episodes is in memory, whatever their lengths.

    Args:
        policy: The policy; its spec's name is that of the score.
        recording: The episodes.
        training: Training data of the policy, for the checks that need it.

    Raises:
        InputError: The policy's spec doesn't fit, or it is privileged and the scenes can't be rebuilt; or a recorded
            frame is damaged.
    """
    found = _predict(policy, recording, training)
    labels, axes = found.episodes.labels, found.episodes.axes
    conventions = score_conventions(labels, found.actions, axes)
    own = next(score for score in conventions if score.convention == DEFAULT_CONVENTION)
    return OfflineScore(
        policy=policy.spec.name,
        scenario=None,
        dataset=str(recording.root),
        frames=found.episodes.frames,
        episodes=len(labels),
        frame_s=1.0 / recording.fps,
        period_s=policy.spec.period_s,
        errors=own.errors,
        episode_mae=None if found.actions is None else measure_episode_mae(found.actions, labels),
        episode_frames=tuple(map(len, labels)),
        axes=axes,
        baselines={name: errors.mae for name, errors in own.baselines.items()},
        conventions=tuple(_round(score) for score in conventions),
        frame_kinds=tuple(_round(score) for score in score_frame_kinds(found.frames, found.actions)),
        worst_tenth=None if found.actions is None else _round(measure_worst_tenth(found.actions, labels)),
        findings=(
            *run_dataset_checks(found.episodes),
            *note_recording(recording, policy.spec, found.resized_from),
        ),
        skipped_checks=tuple(list_skipped_checks(found.episodes)),
        error=found.error,
    )


def _predict(policy: Policy, recording: EpisodeDataset, training: TrainingSet | None) -> Predictions:
    """Predict actions until the policy fails, and collect every episode even so."""
    axes = recording.mapping.axes
    seen = ScoredEpisodes(training, axes)
    frames: list[RecordedFrames] = []
    actions: list[np.ndarray] = []
    resized_from: set[tuple[int, int]] = set()
    error = None
    for first in range(0, len(recording), OFFLINE_BATCH):
        numbers = range(first, min(first + OFFLINE_BATCH, len(recording)))
        episodes = [RecordedEpisode(number, recording.signals(number)) for number in numbers]
        check_compatible(policy, [episode.signals for episode in episodes], recording)
        for number, signals in episodes:
            seen.add(signals, recording.frames(number) if training is not None else ())
            told = (signals.noise_burst, signals.clearance_m)
            frames.append(RecordedFrames(seen.labels[-1], recording.fps, *told, axes))
        if error is None:
            try:
                predicted = predict_actions(policy, recording, episodes)
                actions += [select_axes(each, axes) for each in predicted.actions]
                resized_from |= predicted.resized_from
            except UnreadableFramesError:
                raise
            except Exception as raised:  # noqa: BLE001  any policy, any error: it is recorded in the result
                error = describe_error(raised)
    return Predictions(seen, tuple(frames), tuple(actions) if error is None else None, error, frozenset(resized_from))


def measure_episode_mae(actions: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> tuple[float, ...]:
    """Return the mean absolute error of each episode (t, 3)."""
    return tuple(float(np.abs(one - other).mean()) for one, other in zip(actions, labels, strict=True))


def score_conventions(
    labels: Sequence[np.ndarray], actions: Sequence[np.ndarray] | None, recorded: Sequence[str] = AXIS_NAMES
) -> list[ConventionScore]:
    """Score a policy's actions and all baselines in every convention that has any frames.

    Args:
        labels: (t, axes) per episode, in [-1, 1].
        actions: The policy's, of the same shapes; None if it failed.
        recorded: The axes of both.
    """
    scores = (_score_convention(convention, labels, actions, recorded) for convention in CONVENTIONS)
    return [score for score in scores if score is not None]


def _score_convention(
    convention: Convention,
    labels: Sequence[np.ndarray],
    actions: Sequence[np.ndarray] | None,
    recorded: Sequence[str],
) -> ConventionScore | None:
    wanted = select_frames(labels, convention.axes, convention.frames, recorded)
    if not wanted or not wanted[0].shape[1]:
        return None
    scale = UNIT_SCALES[convention.unit]

    def summarise(predicted: Sequence[np.ndarray]) -> ErrorStatistics:
        chosen = select_frames(predicted, convention.axes, convention.frames, recorded)
        pairs = zip(chosen, wanted, strict=True)
        return summarise_errors([scale * (one - other.astype(np.float64)) for one, other in pairs])

    constants = fit_constant_baselines(np.concatenate(wanted).astype(np.float64))
    baselines = {
        name: summarise_errors([scale * (constants[name] - label) for label in wanted]) for name in CONSTANT_BASELINES
    }
    baselines[HOLD_BASELINE] = summarise(repeat_previous_action(labels))
    return ConventionScore(
        convention=convention,
        count=sum(map(len, wanted)),
        errors=None if actions is None else to_policy_errors(summarise(actions), baselines),
        baselines={name: to_baseline_errors(errors) for name, errors in baselines.items()},
    )


def _round(value: ValueT) -> ValueT:
    """Round every float in a value to ``DECIMALS``."""
    rounded: Any = value
    if is_dataclass(value) and not isinstance(value, type):
        rounded = replace(value, **{field.name: _round(getattr(value, field.name)) for field in fields(value)})
    elif isinstance(value, Mapping):
        rounded = {name: _round(part) for name, part in value.items()}
    elif isinstance(value, tuple):
        rounded = tuple(_round(part) for part in value)
    elif isinstance(value, float):
        rounded = round(value, DECIMALS)
    return rounded
