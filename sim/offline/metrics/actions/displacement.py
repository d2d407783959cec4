"""Displacement errors: where a horizon of predictions leads, against where the labels lead from the same frame."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from scenarios.robot import AXIS_NAMES
from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.kinematics import roll_actions


class Displacement(NamedTuple):
    """Mean errors over all windows of an episode; NaN if it is shorter than one."""

    average_m: float
    """ADE: mean distance over the horizon."""
    final_m: float
    """FDE: distance at its end."""
    heading_rad: float
    """Difference of heading at its end."""


def measure_displacement(episode: PredictedEpisode, horizon_s: float) -> Displacement:
    """Roll labels and predictions over every window of a horizon, each from its first frame, and compare the paths.

    The predictions are teacher-forced: each is that on the recorded frame, not on what the robot would see. An axis
    that the data set lacks counts as zero.
    """
    horizon = episode.count_frames(horizon_s)
    if len(episode.labels) < horizon:
        return Displacement(math.nan, math.nan, math.nan)
    origin, period_s = np.zeros(3), 1.0 / episode.fps
    wanted, given = (
        roll_actions(_cut_windows(_fill_axes(actions, episode.axes), horizon), origin, period_s)[:, 1:]
        for actions in (episode.labels, episode.predictions)
    )  # (n, h, 3)
    distance = np.linalg.norm((given - wanted)[..., :2], axis=-1)
    turned = np.abs(np.angle(np.exp(1j * (given - wanted)[:, -1, 2])))
    return Displacement(float(distance.mean()), float(distance[:, -1].mean()), float(turned.mean()))


def _fill_axes(actions: np.ndarray, axes: tuple[str, ...]) -> np.ndarray:
    """Actions (t, 3), zero on the axes that are missing."""
    filled = np.zeros((len(actions), len(AXIS_NAMES)))
    filled[:, [AXIS_NAMES.index(axis) for axis in axes]] = actions
    return filled


def _cut_windows(actions: np.ndarray, length: int) -> np.ndarray:
    """Every window (n, length, 3) of consecutive actions (t, 3)."""
    return np.moveaxis(np.lib.stride_tricks.sliding_window_view(actions, length, axis=0), -1, 1)
