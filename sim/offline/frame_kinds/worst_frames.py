"""The share of the error that the worst frames hold: a mean error hides that most frames are easy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.offline.error_statistics import FEW_EPISODES
from sim.results.summary.offline_score import ErrorShare
from sim.statistics.bootstrap import percentile_interval, resample_weights

WORST = 0.1  # of all frames


def measure_worst_tenth(actions: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> ErrorShare | None:
    """Measure the share of all errors in the tenth of frames with the largest, with its interval over episodes.

    Args:
        actions: (t, 3) of each episode.
        labels: (t, 3) of each episode.

    Returns:
        None if no frame has an error.
    """
    errors = [np.abs(one - other.astype(np.float64)).mean(axis=1) for one, other in zip(actions, labels, strict=True)]
    every = np.concatenate(errors)  # (n,)
    if not every.any():
        return None
    order = np.argsort(-every, kind="stable")
    owner = np.repeat(np.arange(len(errors)), [len(episode) for episode in errors])[order]  # episode of each frame
    share = _share_of_largest(every[order], np.ones(len(every)))
    if len(errors) < FEW_EPISODES:
        return ErrorShare(share, None, None)
    resampled = [_share_of_largest(every[order], weights[owner]) for weights in resample_weights(len(errors))]
    return ErrorShare(share, *percentile_interval(np.array(resampled)))


def _share_of_largest(errors: np.ndarray, weights: np.ndarray) -> float:
    """The share of the weighted sum of errors (n,), the largest first, that the first tenth of the weights holds."""
    behind = np.cumsum(weights) - weights
    taken = np.clip(WORST * weights.sum() - behind, 0.0, weights)
    total = float(weights @ errors)
    return float(taken @ errors) / total if total else 0.0
