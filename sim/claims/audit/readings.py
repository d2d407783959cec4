"""What a reported error may mean, its readings, and what a baseline that looks at no frame scores in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scenarios.robot import AXIS_NAMES
from sim.claims.audit.frame_labels import KEY_SPEED, AxisValues, FrameLabels
from sim.offline.baselines import HOLD_BASELINE

UNITS = {"raw": 1.0, "halved": 2.0, "normalised": KEY_SPEED}  # what labels were divided by
AXES = {2: "2-D", 3: "3-D"}  # the first two of vx, vy, wz, or all, as far as the labels have them
MAE, MSE, RMSE, HUBER = "mae", "mse", "rmse", "huber"


def _huber(residuals: np.ndarray) -> np.ndarray:
    """Huber's loss with the width 1 (Huber 1964, Annals of Mathematical Statistics 35:73), PyTorch's default."""
    size = np.abs(residuals)
    found: np.ndarray = np.where(size < 1.0, 0.5 * residuals**2, size - 0.5)
    return found


LOSSES: dict[str, Callable[[np.ndarray], np.ndarray]] = {MAE: np.abs, MSE: np.square, RMSE: np.square, HUBER: _huber}
METRICS = tuple(LOSSES)
DECIMALS = 12


@dataclass(frozen=True)
class Reading:
    """One way to read a reported error."""

    metric: str
    """A name in ``METRICS``."""
    unit: str
    """A name in ``UNITS``."""
    axes: int
    """2 without yaw, 3 with it."""
    frames: str
    """A name in ``frame_labels.FRAMES``."""

    def __str__(self) -> str:
        """Describe it in a few words."""
        return f"{self.metric.upper()}, {AXES[self.axes]}, {self.unit}, {self.frames} frames"


class BaselineFigure(NamedTuple):
    """What a baseline scores in one reading."""

    reading: Reading
    predictor: str
    value: float
    known_to: float
    """How far it may be off, as statistics are rounded."""
    frame_deviation: float
    """Standard deviation of the loss between frames, at most: few frames have another mean."""

    def tolerance(self, samples: int | None) -> float:
        """Return how far the figure may be off on so many frames, with 95 %; None for as many as its labels have."""
        if samples is None:
            return self.known_to
        return float(np.hypot(self.known_to, 1.96 * self.frame_deviation / np.sqrt(samples)))


def list_baseline_figures(labels: Sequence[FrameLabels]) -> list[BaselineFigure]:
    """Compute what each baseline scores in every reading of these labels; the figures of a reading follow in a row."""
    return [
        _measure(frames, predictor, residuals, Reading(metric, unit, axes, frames.frames))
        for frames in labels
        for metric in METRICS
        for unit in UNITS
        for axes, names in select_axes(frames).items()
        for predictor, residuals in _list_residuals(frames, names, metric, UNITS[unit]).items()
    ]


def select_axes(labels: FrameLabels) -> dict[int, tuple[str, ...]]:
    """Return the axes of labels that are scored as 2-D and as 3-D, as ``sim.offline`` does; nothing without any."""
    found = {count: tuple(name for name in AXIS_NAMES[:count] if name in labels.axes) for count in AXES}
    return {count: names for count, names in found.items() if names}


def _list_residuals(
    labels: FrameLabels, names: Sequence[str], metric: str, scale: float
) -> dict[str, Sequence[AxisValues]]:
    """Return label minus answer of each baseline, in units; constants are fitted to the labels that are scored."""
    axes = [_scale(labels.axes[name], scale) for name in names]
    constants = {
        "zero": [0.0] * len(axes),
        "mean": [axis.mean for axis in axes],  # the best constant by MSE and RMSE
        "median": [axis.median for axis in axes],  # by MAE
        **({HUBER: [_find_huber_centre(axis) for axis in axes]} if metric == HUBER else {}),
    }
    found: dict[str, Sequence[AxisValues]] = {
        name: [AxisValues(axis.values - value, axis.shares) for axis, value in zip(axes, answer, strict=True)]
        for name, answer in constants.items()
    }
    if labels.changes is None:
        return found
    return {**found, HOLD_BASELINE: [_scale(labels.changes[name], scale) for name in names]}


def _scale(axis: AxisValues, scale: float) -> AxisValues:
    return AxisValues(axis.values / scale, axis.shares)


def _find_huber_centre(axis: AxisValues) -> float:
    """Find the constant of the least Huber loss: where its slope is 0, which rises in straight pieces."""
    order = np.argsort(axis.values)
    values, shares = axis.values[order], axis.shares[order]
    knots = np.sort(np.concatenate([values - 1.0, values + 1.0]))
    first, last = np.searchsorted(values, knots - 1.0, "right"), np.searchsorted(values, knots + 1.0, "left")
    below, sums = (np.concatenate([[0.0], np.cumsum(each)]) for each in (shares, shares * values))
    near = knots * (below[last] - below[first]) - (sums[last] - sums[first])
    slopes = np.maximum.accumulate(below[first] + near - (below[-1] - below[last]))
    return round(float(np.interp(0.0, slopes, knots)), DECIMALS)


def _measure(labels: FrameLabels, predictor: str, residuals: Sequence[AxisValues], reading: Reading) -> BaselineFigure:
    losses = [AxisValues(LOSSES[reading.metric](axis.values), axis.shares) for axis in residuals]
    mean = sum(axis.mean for axis in losses) / len(losses)
    deviation = sum(_deviation(axis) for axis in losses) / len(losses)  # as if all axes erred together
    known_to = labels.known_to / UNITS[reading.unit]
    if reading.metric == RMSE:
        root = float(np.sqrt(mean))
        slope = 1.0 / (2.0 * root) if root else 0.0
        return BaselineFigure(reading, predictor, root, known_to * slope, deviation * slope)
    return BaselineFigure(reading, predictor, mean, known_to, deviation)


def _deviation(axis: AxisValues) -> float:
    return float(np.sqrt(max(0.0, axis.values**2 @ axis.shares - axis.mean**2)))
