"""Errors of quantised actions: a robot that turns the wrong way is wrong, by however little."""

from __future__ import annotations

import math

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode

TURN_BOUNDS = (-0.1, 0.1)  # of wz: right, ahead, left
SPEED_BOUNDS = (0.1, 0.5)  # of vx: not ahead, slow, fast
TURNING_WZ = 0.1


def measure_class_error(episode: PredictedEpisode) -> float:
    """Compute QCE: the share of frames in which the classes of wz and vx differ from the label's."""
    wanted, given = _classify(episode)
    return float((wanted != given).mean())


def measure_macro_f1(episode: PredictedEpisode) -> float:
    """Compute the mean of the F1 of all classes that occur in the episode: rare ones count like frequent ones."""
    wanted, given = _classify(episode)
    scores = []
    for number in np.union1d(wanted, given).tolist():
        hits = float(((wanted == number) & (given == number)).sum())
        scores.append(2.0 * hits / float((wanted == number).sum() + (given == number).sum()))
    return float(np.mean(scores))


def measure_turn_error(episode: PredictedEpisode) -> float:
    """Compute the share of turning frames that the policy doesn't turn in the label's direction; NaN without any."""
    turning = np.abs(episode.label("wz")) > TURNING_WZ
    agrees = np.sign(episode.label("wz")) == np.sign(episode.prediction("wz"))
    return float((~agrees[turning]).mean()) if turning.any() else math.nan


def _classify(episode: PredictedEpisode) -> tuple[np.ndarray, np.ndarray]:
    """The class (t,) of each label and of each prediction: one of nine pairs."""
    wanted, given = (
        (len(SPEED_BOUNDS) + 1) * np.digitize(turn, TURN_BOUNDS) + np.digitize(speed, SPEED_BOUNDS)
        for turn, speed in (
            (episode.label("wz"), episode.label("vx")),
            (episode.prediction("wz"), episode.prediction("vx")),
        )
    )
    return wanted, given
