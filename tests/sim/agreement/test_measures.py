"""Laws of the measures of a comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from populations import draw_population, draw_truth

from sim.agreement.comparison import Resamples
from sim.agreement.measures import CORRELATIONS, MEASURES, measure_observed, measure_resamples, share_in_order
from sim.agreement.selection import Part, compare_units
from sim.statistics.ranking import correlation, mmrv, pairwise_accuracy, regret


def simulate(kind="all", families=6, units=4, seed=0, relation=0.7):
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng, families=families, units=units, relation=relation)
    return compare_units(draw_population(rng, truth, episodes=40, recorded=20), "mae", Part(kind))


def test_the_measures_of_one_group_are_those_of_the_plain_functions():
    compared = simulate()
    found = measure_observed(compared)
    arguments = {"proxy": compared.proxies, "truth": compared.rates}
    for kind in CORRELATIONS:
        assert found[kind] == pytest.approx(correlation(**arguments, kind=kind))
    assert found["mmrv"] == pytest.approx(mmrv(**arguments))
    apart = np.zeros((compared.size, compared.size), bool)
    apart[tuple(compared.apart)] = True
    assert found["pairwise"] == pytest.approx(pairwise_accuracy(**arguments, apart=apart))


def test_the_best_is_taken_on_one_half_of_the_episodes_and_reported_on_the_other():
    compared = simulate()
    even, odd = compared.observed.halves[:, 0]
    losses = [regret(proxy=compared.proxies, truth=one, report=other, k=3) for one, other in ((even, odd), (odd, even))]
    assert measure_observed(compared)["regret@3"] == pytest.approx(np.mean(losses))


def test_groups_are_measured_by_themselves_and_averaged():
    compared = simulate("within families")
    found = measure_observed(compared)
    alone = [
        correlation(proxy=compared.proxies[group], truth=compared.rates[group], kind="kendall")
        for group in compared.members
    ]
    assert found["kendall"] == pytest.approx(np.mean([one for one in alone if one is not None]))


@pytest.mark.parametrize("kind", ["all", "within families"])
def test_a_resample_of_every_unit_once_measures_what_was_observed(kind):
    compared = simulate(kind)
    found, drawn = measure_observed(compared), measure_resamples(compared, compared.observed)
    for name in MEASURES:
        assert drawn[name][0] == pytest.approx(found[name], abs=1e-9 if "regret" not in name else 0.1)


def test_a_unit_drawn_twice_counts_twice_but_is_one_choice():
    compared = simulate()
    once = compared.observed
    weights = np.ones((1, compared.size))
    weights[0, :4] = 2.0
    twice = measure_resamples(compared, once._replace(weights=weights))
    repeated = np.repeat(np.arange(compared.size), weights[0].astype(int))
    copied = correlation(proxy=compared.proxies[repeated], truth=compared.rates[repeated], kind="spearman")
    assert twice["spearman"][0] == pytest.approx(copied)
    assert twice["regret@3"][0] == pytest.approx(measure_resamples(compared, once)["regret@3"][0])


def test_a_metric_that_is_success_itself_is_perfect_and_the_opposite_is_the_reverse():
    compared = simulate()
    same = replace(compared, values=compared.successes)
    found = measure_observed(same)
    assert [found[name] for name in CORRELATIONS] == pytest.approx([1.0] * 3)
    assert (found["mmrv"], found["pairwise"]) == (0.0, 1.0)
    opposite = measure_observed(replace(compared, values=(1.0 - compared.successes[0],)))
    assert [opposite[name] for name in CORRELATIONS] == pytest.approx([-1.0] * 3)
    assert opposite["pairwise"] == 0.0
    assert opposite["regret@1"] > 0.5


def test_without_pairs_that_are_apart_the_share_is_undefined():
    drawn = Resamples(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 2, 3)))
    assert np.isnan(share_in_order(drawn, np.zeros((2, 0), np.int64), False)).all()


def test_nothing_is_defined_where_the_metric_does_not_vary():
    compared = simulate()
    found = measure_observed(replace(compared, values=(np.ones((20, compared.size)),)))
    assert [found[name] for name in CORRELATIONS] == [None] * 3
    assert found["pairwise"] == 0.5
