"""Error statistics with intervals from a bootstrap over whole episodes.

Frames of one episode are not independent, so an interval over frames would be far too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.offline.baselines import CONSTANT_BASELINES, HOLD_BASELINE
from sim.results.summary.offline_score import (
    Accuracy,
    BaselineComparison,
    BaselineErrors,
    ConstantDifference,
    MaeDifference,
    PolicyErrors,
)
from sim.statistics.bootstrap import ratio_interval
from sim.statistics.intervals import Interval

TOLERANCES = (0.2, 0.1, 0.05, 0.01)
FEW_EPISODES = 10  # below which intervals are wide, and resampling alone would make them too narrow
ROUNDING = 1e-6  # so that float32 rounding doesn't decide whether an error of 0.2 is within 0.2


@dataclass(frozen=True)
class ErrorStatistics:
    """Statistics of one predictor's errors; the last index is over MAE, MSE, accuracies and the MAE of each axis.

    Attributes:
        sums: (e, k) of each episode, the statistics times its number of frames.
        frames: (e,) number of frames of each episode.
    """

    sums: np.ndarray
    frames: np.ndarray

    @property
    def figures(self) -> np.ndarray:
        """(k,) the statistics."""
        found: np.ndarray = self.sums.sum(axis=0) / self.frames.sum()
        return found

    def interval(self, figure: int) -> Interval | tuple[None, None]:
        """Return the 95 % bootstrap-t interval of one of the statistics; none is negative, and no accuracy above 1.

        Of a single episode there is none.
        """
        interval = ratio_interval(self.sums[:, figure], self.frames)
        if interval is None:
            return None, None
        return Interval(max(0.0, interval.low), min(1.0, interval.high) if is_accuracy(figure) else interval.high)


MAE, MSE, ACCURACY = 0, 1, 2
FIRST_AXIS = ACCURACY + len(TOLERANCES)


def is_accuracy(figure: int) -> bool:
    """Return whether a figure of ``ErrorStatistics`` is an accuracy, which is a share of frames."""
    return ACCURACY <= figure < FIRST_AXIS


def summarise_errors(errors: Sequence[np.ndarray]) -> ErrorStatistics:
    """Compute the statistics of errors (t, axes) per episode, in the unit of the errors.

    An accuracy is the share of frames with every axis within the tolerance.
    """
    return ErrorStatistics(
        sums=np.stack([_sums(episode.astype(np.float64)) for episode in errors]),
        frames=np.array([len(episode) for episode in errors], np.float64),
    )


def _sums(errors: np.ndarray) -> np.ndarray:
    """(k,) sums over the frames of one episode: absolute errors, squares, frames within each tolerance, each axis."""
    size = np.abs(errors)
    within = [(size <= tolerance + ROUNDING).all(axis=1).sum() for tolerance in TOLERANCES]
    return np.array(
        [size.sum() / errors.shape[1], np.square(errors).sum() / errors.shape[1], *within, *size.sum(axis=0)]
    )


def to_policy_errors(own: ErrorStatistics, baselines: Mapping[str, ErrorStatistics]) -> PolicyErrors:
    """Return a policy's errors with intervals, and compared with those of all baselines."""
    low, high = own.interval(MAE)
    rmse_low, rmse_high = (None if end is None else math.sqrt(end) for end in own.interval(MSE))
    return PolicyErrors(
        mae=float(own.figures[MAE]),
        low=low,
        high=high,
        mae_axis=tuple(own.figures[FIRST_AXIS:].tolist()),
        mse=float(own.figures[MSE]),
        rmse=float(np.sqrt(own.figures[MSE])),
        rmse_low=rmse_low,
        rmse_high=rmse_high,
        accuracy={
            f"{tolerance:g}": Accuracy(float(own.figures[place]), *own.interval(place))
            for place, tolerance in enumerate(TOLERANCES, ACCURACY)
        },
        comparison=compare_with_baselines(own, baselines),
    )


def to_baseline_errors(own: ErrorStatistics) -> BaselineErrors:
    """Return a baseline's errors, with an interval of the MAE only."""
    low, high = own.interval(MAE)
    return BaselineErrors(
        mae=float(own.figures[MAE]),
        low=low,
        high=high,
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
    """Return the MAE less that of another predictor on the same frames, with its 95 % interval over episodes."""
    low, high = ratio_interval(own.sums[:, MAE] - other.sums[:, MAE], own.frames) or (None, None)
    return MaeDifference(float(own.figures[MAE] - other.figures[MAE]), low, high)
