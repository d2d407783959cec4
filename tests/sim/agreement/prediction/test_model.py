"""Laws of the model of success."""

from __future__ import annotations

import numpy as np
import pytest
from populations import draw_scores

from sim.agreement.prediction.model import fit_model, predict_left_out
from sim.agreement.prediction.scored_units import ScoredUnits
from sim.statistics.ranking import correlation


def test_figures_of_families_left_out_rank_better_together_than_alone():
    scores = draw_scores(np.random.default_rng(2), families=30)
    both = correlation(proxy=predict_left_out(scores), truth=scores.rates, kind="spearman")
    alone = correlation(proxy=-scores.figures[:, 0], truth=scores.rates, kind="spearman")
    assert both > alone > 0.5


def test_a_figure_that_never_varies_does_no_harm():
    scores = draw_scores(np.random.default_rng(3))
    level = scores._replace(figures=np.column_stack([scores.figures, np.ones(len(scores.rates))]))
    assert predict_left_out(level) == pytest.approx(predict_left_out(scores))


def test_exact_log_odds_are_found_again():
    figures = np.random.default_rng(0).standard_normal((40, 2))
    rates = 1.0 / (1.0 + np.exp(-(0.3 + 0.8 * figures[:, 0] - 0.5 * figures[:, 1])))
    model = fit_model(ScoredUnits(figures, rates, np.arange(40) // 4, 10**6))
    assert model.predict(figures) == pytest.approx(rates, abs=2e-3)


def test_a_single_family_is_fitted_without_choosing_a_penalty():
    figures = np.arange(4.0)[:, None]
    model = fit_model(ScoredUnits(figures, np.array([0.8, 0.6, 0.4, 0.2]), np.zeros(4, int), 100))
    assert model.predict(np.array([[1.5]])) == pytest.approx(0.5, abs=1e-6)
