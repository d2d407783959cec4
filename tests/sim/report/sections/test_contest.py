"""Laws of the contest of offline metrics."""

from __future__ import annotations

import numpy as np

from sim.agreement.presentation.markdown import format_estimate
from sim.population.population import EpisodeValues, Population, Unit
from sim.report.sections.contest import judge_contest


def values(share, count=20):
    return EpisodeValues(np.arange(count), (np.arange(count) < round(share * count)).astype(float))


def make_population():
    """Twelve units of six families; 'exact' ranks as success does, 'upside-down' the other way."""
    units = []
    for number in range(12):
        share = (number + 4) / 20
        metrics = {
            ("upside-down", "corridor"): EpisodeValues(np.arange(5), np.full(5, share)),
            ("exact", "corridor"): EpisodeValues(np.arange(5), np.full(5, 1.0 - share)),
        }
        family = f"family-{number % 6}"
        units.append(Unit(f"u{number}", family, family, number, None, {("corridor", "none"): values(share)}, metrics))
    return Population(tuple(units), {"upside-down": "smaller", "exact": "smaller"})


def test_the_metric_that_ranks_as_success_does_comes_first_with_the_smaller_regret():
    best, worst = judge_contest(make_population())
    assert (best.metric, best.correlations[0].value) == ("exact", 1.0)
    assert best.units == len(make_population().units)
    assert (worst.metric, worst.correlations[0].value) == ("upside-down", -1.0)
    assert best.regret.value < 0.1 < 0.4 < worst.regret.value  # on episodes that didn't choose the best


def test_a_part_without_units_to_rank_has_a_dash():
    best, _ = judge_contest(make_population())
    assert format_estimate(best.correlations[2]) == "-"  # no checkpoints
