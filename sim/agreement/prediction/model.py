"""A ridge regression of success, as log odds, on standardised figures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.agreement.prediction.scored_units import ScoredUnits

PENALTIES = np.array([0.01, 0.1, 1.0, 10.0, 100.0])  # of the squared slopes of standardised figures


class SuccessModel(NamedTuple):
    """A ridge regression of log odds on standardised figures."""

    centre: np.ndarray
    scale: np.ndarray
    slopes: np.ndarray
    base: float

    def predict(self, figures: np.ndarray) -> np.ndarray:
        """(n,) the success rate that figures (n, metrics) promise."""
        return _to_rate(self.base + ((figures - self.centre) / self.scale) @ self.slopes)


def fit_model(scores: ScoredUnits) -> SuccessModel:
    """Fit the model whose penalty makes predictions of families left out closest."""
    centre, scale = scores.figures.mean(axis=0), scores.figures.std(axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    inputs = np.column_stack([np.ones(len(scores.rates)), (scores.figures - centre) / scale])  # (n, 1 + metrics)
    inner = (scores.rates * scores.episodes + 0.5) / (scores.episodes + 1.0)  # log odds of 0 and 1 have no end
    odds = np.log(inner / (1.0 - inner))
    members = [np.flatnonzero(scores.families == family) for family in np.unique(scores.families)]
    squares = np.stack([inputs[places].T @ inputs[places] for places in members])  # (families, 1 + m, 1 + m)
    products = np.stack([inputs[places].T @ odds[places] for places in members])  # (families, 1 + m)
    penalties = PENALTIES[:, None, None] * np.diag([0.0, *np.ones(inputs.shape[1] - 1)])
    penalty = np.zeros_like(penalties[0])
    if len(members) > 1:
        rest = (squares.sum(axis=0) - squares)[:, None] + penalties  # (families, penalties, 1 + m, 1 + m)
        right = np.broadcast_to((products.sum(axis=0) - products)[:, None, :, None], (*rest.shape[:3], 1))
        slopes = np.linalg.solve(rest, right)[..., 0]
        losses = [
            np.square(scores.rates[places, None] - _to_rate(inputs[places] @ found.T)).mean(axis=0)
            for places, found in zip(members, slopes, strict=True)
        ]
        penalty = penalties[int(np.argmin(np.sum(losses, axis=0)))]
    base, *best = np.linalg.solve(squares.sum(axis=0) + penalty, products.sum(axis=0)[:, None])[:, 0]
    return SuccessModel(centre, scale, np.array(best), float(base))


def fit_without_families(scores: ScoredUnits) -> tuple[SuccessModel, ...]:
    """Fit the model without the family of each unit."""
    models = {family: fit_model(scores.select(scores.families != family)) for family in np.unique(scores.families)}
    return tuple(models[family] for family in scores.families)


def predict_left_out(scores: ScoredUnits) -> np.ndarray:
    """Predict the success (n,) of each unit by a model without its family: how much the figures can tell at all."""
    models = fit_without_families(scores)
    return np.array([model.predict(row[None])[0] for model, row in zip(models, scores.figures, strict=True)])


def _to_rate(odds: np.ndarray) -> np.ndarray:
    rates: np.ndarray = 1.0 / (1.0 + np.exp(-odds))
    return rates
