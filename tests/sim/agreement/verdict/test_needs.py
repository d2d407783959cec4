"""Laws of what it would take to tell."""

from __future__ import annotations

import numpy as np
import pytest
from populations import draw_population, draw_truth

from sim.agreement.selection import Part, compare_units
from sim.agreement.verdict.needs import describe_needs, describe_pair_needs, estimate_needs, measure_design_effect
from sim.statistics.power import policies_for_correlation


def simulate(
    seed=0, *, families=10, units=3, relation=0.3, shared=0.6, spread=1.0, episodes=60, recorded=30, noise=1.0
):
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng, families=families, units=units, relation=relation, shared=shared, spread=spread)
    return compare_units(
        draw_population(rng, truth, episodes=episodes, recorded=recorded, noise=noise), "mae", Part("all")
    )


def test_related_units_count_for_less_and_unrelated_ones_for_themselves():
    related = np.mean([measure_design_effect(simulate(seed, units=6, shared=0.95)) for seed in range(5)])
    unrelated = np.mean([measure_design_effect(simulate(seed, units=6, shared=0.0)) for seed in range(5)])
    assert 1.0 <= unrelated < 2.0 < related <= 8.0


def test_with_too_few_clusters_related_units_count_as_one():
    assert measure_design_effect(simulate(families=3, units=4)) == 4.0


def test_four_times_the_clusters_make_an_interval_half_as_wide():
    compared = simulate()
    assert estimate_needs(compared, rho=0.5, low=-0.6, high=0.6).clusters == 58  # 2.4 times as wide as from 0 to 0.5
    assert estimate_needs(compared, rho=0.5, low=0.0, high=0.5).clusters < 40


def test_without_an_interval_it_takes_what_the_power_computation_asks():
    compared = simulate(families=4, units=1, shared=0.0)
    needs = estimate_needs(compared, rho=0.5, low=None, high=None)
    assert needs.policies == needs.clusters == policies_for_correlation(0.5, reliability=compared.reliability.ranks)
    assert (needs.driven, needs.recorded) == (60, 30)


def test_too_few_episodes_take_more_and_are_named():
    few = simulate(episodes=20, recorded=10)
    needs = estimate_needs(few, rho=0.5, low=None, high=None)
    assert (needs.driven, needs.recorded) == (30, 20)
    assert describe_needs(few, needs) == (
        f"{needs.policies} policies of {needs.clusters} families and 30 episodes and 20 recorded ones"
    )
    noisy = simulate(spread=0.15)
    assert noisy.reliability.ranks < 0.5
    assert estimate_needs(noisy, rho=0.5, low=None, high=None).driven > 120


def test_where_success_does_not_differ_no_number_of_episodes_does():
    alike = simulate(spread=0.0)
    assert alike.reliability.ranks == 0.0
    needs = estimate_needs(alike, rho=0.5, low=None, high=None)
    assert "differ by no more than noise" in describe_needs(alike, needs)


@pytest.mark.parametrize(("driven", "recorded"), [(10, 4), (6, 30), (8, 8)])
def test_what_it_takes_counts_from_the_episodes_that_there_are(driven, recorded):
    few = simulate(episodes=driven, recorded=recorded, spread=0.6)
    reliability = few.reliability.ranks
    assert 0.0 < reliability < 0.5
    more = 4.0 * (1.0 - reliability) / reliability  # times as many for 0.8, by Spearman and Brown
    needs = estimate_needs(few, rho=0.5, low=None, high=None)
    assert needs.driven == max(30, np.ceil(driven * more))
    assert needs.recorded == max(20, np.ceil(recorded * more))


def test_pairs_that_differ_less_take_more_episodes():
    close, far = (
        int(describe_pair_needs(simulate(spread=spread), 30).removeprefix("about ").removesuffix(" episodes"))
        for spread in (0.1, 2.0)
    )
    assert far == 61 < 400 < close  # more than the 60 that there are


def test_with_few_policies_there_are_too_few_pairs_however_many_episodes():
    assert describe_pair_needs(simulate(families=7, units=1), 30) == "9 policies"  # 36 pairs; 8 have 28
