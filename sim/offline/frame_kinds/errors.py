"""Errors of a policy and of the baselines on the frames of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.offline.baselines import HOLD_BASELINE, fit_constant_baselines, repeat_previous_action
from sim.offline.error_statistics import (
    FEW_EPISODES,
    MAE,
    ErrorStatistics,
    compare_with_baselines,
    summarise_errors,
)
from sim.offline.frame_kinds.kinds import FRAME_KINDS, RecordedFrames, select_kind
from sim.results.summary.offline_score import FrameKindScore, MaeEstimate


def score_frame_kinds(episodes: Sequence[RecordedFrames], actions: Sequence[np.ndarray] | None) -> list[FrameKindScore]:
    """Score a policy's actions and all baselines on each kind that the recording tells and has frames of.

    Errors and intervals are computed as over all frames, from the episodes that have frames of the kind. The constant
    baselines are those of all frames: a policy isn't told a frame's kind.

    Args:
        episodes: What tells the frames' kinds.
        actions: (t, 3) of each episode, the policy's; None if it failed.
    """
    predictors = predict_baselines([frames.labels for frames in episodes])
    errors = {name: _subtract_labels(predicted, episodes) for name, predicted in predictors.items()}
    own = None if actions is None else _subtract_labels(actions, episodes)
    scores = (_score_kind(kind, select_kind(kind, episodes), own, errors) for kind in FRAME_KINDS)
    return [score for score in scores if score is not None]


def predict_baselines(labels: Sequence[np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Return the actions (t, 3) of every baseline in each episode, constants fitted to all labels (t, 3)."""
    constants = fit_constant_baselines(np.concatenate(labels).astype(np.float64))
    predicted = {name: [np.tile(action, (len(each), 1)) for each in labels] for name, action in constants.items()}
    return predicted | {HOLD_BASELINE: repeat_previous_action(labels)}


def _subtract_labels(predicted: Sequence[np.ndarray], episodes: Sequence[RecordedFrames]) -> list[np.ndarray]:
    """Errors (t, 3) of each episode."""
    return [one - frames.labels.astype(np.float64) for one, frames in zip(predicted, episodes, strict=True)]


def _score_kind(
    kind: str,
    masks: Sequence[np.ndarray] | None,
    own: Sequence[np.ndarray] | None,
    baselines: Mapping[str, Sequence[np.ndarray]],
) -> FrameKindScore | None:
    """Errors on the selected frames; None if there are none."""
    if masks is None or not (count := sum(int(mask.sum()) for mask in masks)):
        return None
    found = {name: summarise_errors(_select(errors, masks)) for name, errors in baselines.items()}
    mine = None if own is None else summarise_errors(_select(own, masks))
    episodes = sum(bool(mask.any()) for mask in masks)
    return FrameKindScore(
        kind=kind,
        count=count,
        episodes=episodes,
        errors=None if mine is None else _estimate_mae(mine, episodes),
        error_share=None if own is None else _share_error(own, masks),
        baselines={name: _estimate_mae(errors, episodes) for name, errors in found.items()},
        comparison=None if mine is None or episodes < FEW_EPISODES else compare_with_baselines(mine, found),
    )


def _select(errors: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The errors of the selected frames, of the episodes that have any."""
    return [each[mask] for each, mask in zip(errors, masks, strict=True) if mask.any()]


def _estimate_mae(found: ErrorStatistics, episodes: int) -> MaeEstimate:
    low, high = (None, None) if episodes < FEW_EPISODES else found.interval(MAE)
    return MaeEstimate(float(found.figures[MAE]), low, high)


def _share_error(errors: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> float:
    """The selected frames' share of the sum of all absolute errors; 0 if there are no errors."""
    total = sum(float(np.abs(each).sum()) for each in errors)
    return sum(float(np.abs(each).sum()) for each in _select(errors, masks)) / total if total else 0.0
