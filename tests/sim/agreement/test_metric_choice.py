"""Laws of the comparison of two metrics, and of the choice of one among many."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from populations import add_metric, draw_population, draw_truth

from sim.agreement.judgement import judge_metric
from sim.agreement.measures import MEASURES, measure_observed
from sim.agreement.metric_choice import choose_metric, compare_metrics
from sim.agreement.selection import Part, compare_units

WHOLE = Part("all")


def simulate(seed=0, *, families=8, units=3, relation=0.7, noise=1.0):
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng, families=families, units=units, relation=relation)
    return draw_population(rng, truth, episodes=60, recorded=30, noise=noise)


def add_noise(population, name, rng):
    """One metric more, which says nothing."""
    level = {unit.name: rng.standard_normal() for unit in population.units}
    return add_metric(
        population,
        name,
        "smaller",
        lambda unit: unit.metrics["mae", "corridor"]._replace(values=level[unit.name] + 0.3 * rng.standard_normal(30)),
    )


def test_two_metrics_are_compared_on_the_same_resamples():
    population = add_metric(simulate(), "copy", "smaller", lambda unit: unit.metrics["mae", "corridor"])
    same = compare_metrics(population, "copy", "mae", WHOLE, resamples=100)
    assert {each.value for each in same.differences.values()} == {0.0}
    assert same.differences["spearman"].low is None  # no resample differs
    noisy = add_metric(
        population,
        "noise",
        "smaller",
        lambda unit: unit.metrics["mae", "corridor"]._replace(
            values=np.random.default_rng(sum(map(ord, unit.name))).standard_normal(30) + int(unit.name[5:]) % 7
        ),
    )
    worse = compare_metrics(noisy, "noise", "mae", WHOLE, resamples=200)
    assert worse.units == 24
    assert worse.differences["spearman"].value < 0.0
    assert worse.differences["spearman"].low < worse.differences["spearman"].value < worse.differences["spearman"].high


def test_differences_are_told_for_as_many_episodes_so_noise_hides_none_of_them():
    noisy = simulate(noise=40.0)
    assert "noise of few episodes" in judge_metric(noisy, "mae", WHOLE, resamples=50).reason
    found = compare_metrics(add_noise(noisy, "noise", np.random.default_rng(0)), "noise", "mae", WHOLE, resamples=100)
    assert found.reason is None
    for name, each in found.differences.items():
        assert each.low < each.value < each.high, name


@pytest.mark.slow
@pytest.mark.parametrize(("units", "noise"), [([4] * 10, 1.0), ([25, 12, 8, 5, 5, 3], 4.0)])
def test_intervals_of_differences_cover(units, noise):
    """Of another metric that knows as much as the MAE, and of one that knows nothing."""
    found = {"rival": [], "nothing": []}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = draw_truth(rng, families=len(units), units=units, relation=0.7)
        population = draw_population(rng, truth, episodes=60, recorded=30, noise=noise)
        rival = draw_population(rng, truth, episodes=60, recorded=30, noise=noise)
        values = {unit.name: unit.metrics["mae", "corridor"].values for unit in rival.units}
        population = add_metric(population, "rival", "smaller", partial(luck, values))
        population = add_noise(population, "nothing", rng)
        for name, each in found.items():
            each.append(compare_metrics(population, name, "mae", Part("within families"), resamples=200))
    for name, differences in found.items():
        for measure in MEASURES:
            told = [each.differences[measure] for each in differences if each.differences[measure].low is not None]
            truth = np.mean([each.differences[measure].value for each in differences])
            assert len(told) > 30, (name, measure)
            assert np.mean([each.low <= truth <= each.high for each in told]) >= 0.9, (name, measure)


def luck(values, unit):
    return unit.metrics["mae", "corridor"]._replace(values=values[unit.name])


def test_the_best_of_many_is_chosen_on_one_half_of_the_episodes_and_reported_on_the_other():
    population = add_noise(simulate(relation=0.95), "noise", np.random.default_rng(0))
    first, second = choose_metric(population, WHOLE, resamples=100)
    assert (first.chosen_on, first.metric, second.chosen_on, second.metric) == ("even", "mae", "odd", "mae")
    even, odd = (compare_units(population, "mae", WHOLE, episodes) for episodes in ("even", "odd"))
    assert first.flattered == second.report.estimates["spearman"].value == measure_observed(even)["spearman"]
    assert first.report.estimates["spearman"].value == measure_observed(odd)["spearman"]
    assert first.report.driven == 30


def test_the_best_of_many_that_say_nothing_looks_better_where_it_was_chosen():
    gaps, names = [], [f"luck-{number}" for number in range(6)]
    for seed in range(12):
        rng, population = np.random.default_rng(seed), simulate(seed, families=5, units=2)
        for name in names:
            values = dict(zip([unit.name for unit in population.units], rng.standard_normal((10, 30)), strict=True))
            population = add_metric(population, name, "larger", partial(luck, values))
        gaps += [
            each.flattered - each.report.estimates["spearman"].value
            for each in choose_metric(population, WHOLE, names, resamples=10)
        ]
    assert np.mean(gaps) > 0.2


def test_where_no_metric_has_a_correlation_none_is_chosen():
    population = add_metric(
        simulate(), "level", "larger", lambda unit: unit.metrics["mae", "corridor"]._replace(values=np.ones(30))
    )
    assert choose_metric(population, WHOLE, ["level"]) == ()
