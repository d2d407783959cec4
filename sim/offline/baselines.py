"""Baselines: actions that ignore the frames. A policy that doesn't beat them gains nothing from its observations.

The constants are fitted to the labels that are scored, so no constant is better than the best of them: ``median`` under
the mean absolute error, ``mean`` under the mean squared error.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CONSTANT_BASELINES = ("zero", "mean", "median", "majority")
HOLD_BASELINE = "hold"
BASELINES = (*CONSTANT_BASELINES, HOLD_BASELINE)

LABEL_DECIMALS = 3  # labels equal to this many decimals are the same; keyboard labels differ by rounding of their unit


def fit_constant_baselines(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the constant actions (axes,) of labels (n, axes)."""
    return {
        "zero": np.zeros(labels.shape[1]),
        "mean": labels.mean(axis=0),
        "median": np.median(labels, axis=0),
        "majority": most_frequent_action(labels),
    }


def most_frequent_action(labels: np.ndarray) -> np.ndarray:
    """Return the most frequent whole action (axes,) of labels (n, axes), compared to ``LABEL_DECIMALS`` decimals.

    Returns the label itself, not the rounded one; among equally frequent labels, the first. Meant for labels with few
    values, such as key presses; among continuous labels it may be a rare action.
    """
    _, first, counts = np.unique(labels.round(LABEL_DECIMALS) + 0.0, axis=0, return_index=True, return_counts=True)
    found: np.ndarray = labels[first[counts == counts.max()].min()]
    return found


def repeat_previous_action(episodes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the label before each label (t, axes), zero before the first: the demonstrator's previous action."""
    return [np.concatenate([np.zeros_like(labels[:1]), labels[:-1]]) for labels in episodes]
