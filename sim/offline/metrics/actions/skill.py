"""Skill: how much of a baseline's error a policy removes, which makes data sets comparable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.offline.baselines import fit_constant_baselines, repeat_previous_action
from sim.offline.metrics.actions.errors import measure_mae
from sim.offline.metrics.episode import PredictedEpisode


def measure_hold_skill(episodes: Sequence[PredictedEpisode]) -> np.ndarray:
    """Compute the skill (e,) against repeating the demonstrator's previous action."""
    held = repeat_previous_action([episode.labels for episode in episodes])
    errors = [np.abs(one - episode.labels).mean() for one, episode in zip(held, episodes, strict=True)]
    return _measure_skill(episodes, errors)


def measure_constant_skill(episodes: Sequence[PredictedEpisode]) -> np.ndarray:
    """Compute the skill (e,) against the constant of the least mean absolute error over all frames, their median."""
    best = fit_constant_baselines(np.concatenate([episode.labels for episode in episodes]))["median"]
    return _measure_skill(episodes, [np.abs(best - episode.labels).mean() for episode in episodes])


def _measure_skill(episodes: Sequence[PredictedEpisode], baseline_mae: Sequence[float]) -> np.ndarray:
    """Compute 1 - MAE / the baseline's mean MAE (e,); NaN if the baseline makes no error.

    The divisor is of all episodes, so that an episode in which the baseline is nearly right doesn't decide the mean.
    """
    divisor = float(np.mean(baseline_mae))
    own = np.array([measure_mae(episode) for episode in episodes])
    return 1.0 - own / divisor if divisor > 0.0 else np.full(len(own), np.nan)
