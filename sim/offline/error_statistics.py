"""What errors come to, and how far that can be trusted: whole episodes are drawn again, with all of their frames.

Frames of one episode are no independent draws, so an interval over frames would be far too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.common.seeding import make_generator
from sim.statistics.intervals import RESAMPLES, Interval

TOLERANCES = (0.2, 0.1, 0.05, 0.01)
ROUNDING = 1e-6  # that labels and answers are float32 must not decide whether an error of 0.2 is within 0.2


@dataclass(frozen=True)
class ErrorStatistics:
    """Figures of one predictor's errors. The last index counts MAE, MSE, accuracies and the MAE of each axis.

    Attributes:
        found: (k,) the figures.
        resampled: (r, k) what they are in each of ``RESAMPLES`` sets of episodes, drawn with replacement.
    """

    figures: np.ndarray
    resampled: np.ndarray

    def interval(self, figure: int) -> Interval:
        """95 % percentile bootstrap (Efron and Tibshirani 1993, chapter 13) of one of the figures."""
        return _percentiles(self.resampled[:, figure])


MAE, MSE, ACCURACY = 0, 1, 2
FIRST_AXIS = ACCURACY + len(TOLERANCES)


def summarise_errors(errors: Sequence[np.ndarray]) -> ErrorStatistics:
    """The figures of errors (t, axes) per episode, in the unit that they are in.

    An accuracy is the share of frames whose every axis is within the tolerance.
    """
    frames = np.array([len(episode) for episode in errors], np.float64)  # (e,)
    sums = np.stack([_sums(episode.astype(np.float64)) for episode in errors])  # (e, k)
    weights = _resample_weights(len(errors))
    return ErrorStatistics(
        figures=_figures(sums.sum(axis=0) / frames.sum()),
        resampled=_figures((weights @ sums) / (weights @ frames)[:, None]),
    )


def _sums(errors: np.ndarray) -> np.ndarray:
    """Of one episode: sums over frames of the squares, of the frames within each tolerance, of each axis."""
    size = np.abs(errors)
    within = [(size <= tolerance + ROUNDING).all(axis=1).sum() for tolerance in TOLERANCES]
    return np.array([np.square(errors).sum() / errors.shape[1], *within, *size.sum(axis=0)])


def _figures(means: np.ndarray) -> np.ndarray:
    """(…, k) figures from what ``_sums`` gives, divided by the number of frames."""
    axes = means[..., 1 + len(TOLERANCES) :]
    return np.concatenate([axes.mean(axis=-1, keepdims=True), means], axis=-1)


@lru_cache(maxsize=8)
def _resample_weights(episodes: int) -> np.ndarray:
    """(r, e) how often each episode is in each set; from a generator of its own, so that it repeats."""
    shares = np.full(episodes, 1.0 / episodes)
    drawn = make_generator(0, "bootstrap").multinomial(episodes, shares, RESAMPLES)
    return drawn.astype(np.float64)


def _percentiles(values: np.ndarray) -> Interval:
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(float(low), float(high))


def to_record(own: ErrorStatistics) -> dict[str, Any]:
    """A predictor's figures by their names, with intervals."""
    interval, squared = own.interval(MAE), own.interval(MSE)
    return {
        "mae": float(own.figures[MAE]),
        "low": interval.low,
        "high": interval.high,
        "mae_axis": own.figures[FIRST_AXIS:].tolist(),
        "mse": float(own.figures[MSE]),
        "rmse": float(np.sqrt(own.figures[MSE])),
        "rmse_low": float(np.sqrt(squared.low)),
        "rmse_high": float(np.sqrt(squared.high)),
        "accuracy": {
            f"{tolerance:g}": {"rate": float(own.figures[place]), **own.interval(place)._asdict()}
            for place, tolerance in enumerate(TOLERANCES, ACCURACY)
        },
    }


def compare_mae(own: ErrorStatistics, other: ErrorStatistics) -> dict[str, float]:
    """The MAE less that of another predictor, over the same resampled episodes, with its 95 % interval."""
    interval = _percentiles(own.resampled[:, MAE] - other.resampled[:, MAE])
    return {"difference": float(own.figures[MAE] - other.figures[MAE]), **interval._asdict()}
