"""Error statistics with intervals from a bootstrap over whole episodes.

Frames of one episode are not independent, so an interval over frames would be far too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scenarios.common.seeding import make_generator
from sim.offline.baselines import CONSTANT_BASELINES, HOLD_BASELINE
from sim.results.offline_score import (
    Accuracy,
    BaselineComparison,
    BaselineErrors,
    ConstantDifference,
    MaeDifference,
    PolicyErrors,
)
from sim.statistics.bootstrap import percentile_interval, resample_counts
from sim.statistics.intervals import Interval

TOLERANCES = (0.2, 0.1, 0.05, 0.01)
FEW_EPISODES = 10  # below which resampled intervals are clearly too narrow (Cameron et al. 2008, REStat 90:414)
ROUNDING = 1e-6  # so that float32 rounding doesn't decide whether an error of 0.2 is within 0.2


@dataclass(frozen=True)
class ErrorStatistics:
    """Statistics of one predictor's errors; the last index is over MAE, MSE, accuracies and the MAE of each axis.

    Attributes:
        figures: (k,) the statistics.
        resampled: (r, k) the same in each of ``RESAMPLES`` bootstrap samples of the episodes.
    """

    figures: np.ndarray
    resampled: np.ndarray

    def interval(self, figure: int) -> Interval:
        """Return the 95 % percentile bootstrap interval of one of the statistics."""
        return percentile_interval(self.resampled[:, figure])


MAE, MSE, ACCURACY = 0, 1, 2
FIRST_AXIS = ACCURACY + len(TOLERANCES)


def summarise_errors(errors: Sequence[np.ndarray]) -> ErrorStatistics:
    """Compute the statistics of errors (t, axes) per episode, in the unit of the errors.

    An accuracy is the share of frames with every axis within the tolerance.
    """
    frames = np.array([len(episode) for episode in errors], np.float64)  # (e,)
    sums = np.stack([_sums(episode.astype(np.float64)) for episode in errors])  # (e, k)
    weights = resample_weights(len(errors))
    return ErrorStatistics(
        figures=_figures(sums.sum(axis=0) / frames.sum()),
        resampled=_figures((weights @ sums) / (weights @ frames)[:, None]),
    )


def _sums(errors: np.ndarray) -> np.ndarray:
    """Sums over the frames of one episode: squares, frames within each tolerance, absolute errors of each axis."""
    size = np.abs(errors)
    within = [(size <= tolerance + ROUNDING).all(axis=1).sum() for tolerance in TOLERANCES]
    return np.array([np.square(errors).sum() / errors.shape[1], *within, *size.sum(axis=0)])


def _figures(means: np.ndarray) -> np.ndarray:
    """Statistics (…, k) from the results of ``_sums`` divided by the number of frames."""
    axes = means[..., 1 + len(TOLERANCES) :]
    return np.concatenate([axes.mean(axis=-1, keepdims=True), means], axis=-1)


@lru_cache(maxsize=8)
def resample_weights(episodes: int) -> np.ndarray:
    """Return the counts (r, e) of each episode in each bootstrap sample, with a fixed seed."""
    return resample_counts(episodes, make_generator(0, "bootstrap")).astype(np.float64)


def to_policy_errors(own: ErrorStatistics, baselines: Mapping[str, ErrorStatistics]) -> PolicyErrors:
    """Return a policy's errors with intervals, and compared with those of all baselines."""
    mae, mse = own.interval(MAE), own.interval(MSE)
    return PolicyErrors(
        mae=float(own.figures[MAE]),
        low=mae.low,
        high=mae.high,
        mae_axis=tuple(own.figures[FIRST_AXIS:].tolist()),
        mse=float(own.figures[MSE]),
        rmse=float(np.sqrt(own.figures[MSE])),
        rmse_low=float(np.sqrt(mse.low)),
        rmse_high=float(np.sqrt(mse.high)),
        accuracy={
            f"{tolerance:g}": Accuracy(float(own.figures[place]), *own.interval(place))
            for place, tolerance in enumerate(TOLERANCES, ACCURACY)
        },
        comparison=compare_with_baselines(own, baselines),
    )


def to_baseline_errors(own: ErrorStatistics) -> BaselineErrors:
    """Return a baseline's errors, with an interval of the MAE only."""
    mae = own.interval(MAE)
    return BaselineErrors(
        mae=float(own.figures[MAE]),
        low=mae.low,
        high=mae.high,
        mae_axis=tuple(own.figures[FIRST_AXIS:].tolist()),
        mse=float(own.figures[MSE]),
        rmse=float(np.sqrt(own.figures[MSE])),
        accuracy={f"{tolerance:g}": float(own.figures[place]) for place, tolerance in enumerate(TOLERANCES, ACCURACY)},
    )


def compare_with_baselines(own: ErrorStatistics, baselines: Mapping[str, ErrorStatistics]) -> BaselineComparison:
    """Compare a policy's MAE with that of the best constant and of repeating the previous action."""
    best = min(CONSTANT_BASELINES, key=lambda name: baselines[name].figures[MAE])
    constant, hold = compare_mae(own, baselines[best]), compare_mae(own, baselines[HOLD_BASELINE])
    return BaselineComparison(ConstantDifference(**vars(constant), baseline=best), hold)


def compare_mae(own: ErrorStatistics, other: ErrorStatistics) -> MaeDifference:
    """Return the MAE less that of another predictor, over the same resampled episodes, with its 95 % interval."""
    interval = percentile_interval(own.resampled[:, MAE] - other.resampled[:, MAE])
    return MaeDifference(float(own.figures[MAE] - other.figures[MAE]), *interval)
