"""Laws of the figures and the success that predictions come from."""

from __future__ import annotations

import numpy as np
import pytest
from populations import add_metric, draw_population, draw_truth

from scenarios.common.errors import InputError
from sim.agreement.prediction.scored_units import gather_scores


def simulate(families=12, units=3):
    rng = np.random.default_rng(0)
    truth = draw_truth(rng, families=families, units=units, relation=0.9)
    return draw_population(rng, truth, episodes=60, recorded=30)


def test_figures_are_in_the_unit_of_the_metric_and_come_with_equal_episodes():
    population = add_metric(simulate(), "skill", "larger", lambda unit: unit.metrics["mae", "corridor"])
    scores = gather_scores(population, ["mae", "skill"])
    unit = population.units[0]
    assert scores.figures[0] == pytest.approx([unit.metrics["mae", "corridor"].mean()] * 2)
    assert scores.rates[0] == unit.successes["corridor", "none"].mean()
    assert (scores.episodes, len(set(scores.families))) == (60, len(population.families))


def test_no_metrics_and_unknown_ones_are_refused():
    with pytest.raises(InputError, match="at least one metric"):
        gather_scores(simulate(), [])
    with pytest.raises(InputError, match="unknown metric 'rmse'"):
        gather_scores(simulate(), ["rmse"])
