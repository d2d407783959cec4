"""Laws of the verdict: each kind comes from a population that is made for it."""

from __future__ import annotations

import numpy as np
import pytest
from populations import Truth, add_metric, draw_population, draw_truth
from scipy.special import ndtr

from sim.agreement.selection import Part
from sim.agreement.verdict.verdict import USEFUL, decide_verdict

WHOLE = Part("all")


def simulate(truth, seed=0, **options):
    return draw_population(np.random.default_rng(seed), truth, **{"episodes": 200, "recorded": 40, **options})


def draw(seed=0, **options):
    return draw_truth(np.random.default_rng(seed), **options)


def test_a_metric_that_orders_even_close_pairs_predicts():
    found = decide_verdict(simulate(draw(families=15, units=3, relation=0.99), noise=0.3), "mae", WHOLE, resamples=200)
    assert found.kind == "predicts"
    assert found.closest.is_better_than_a_coin
    assert found.sentence.startswith("mae predicts success over all policies: Spearman 0.9")
    assert "of the third of pairs that differs least, " in found.sentence
    assert "of 15 families" in found.sentence


def draw_levels(families=16, units=4):
    """Four levels of families: the metric knows the level, not the unit."""
    rng = np.random.default_rng(3)
    family = np.repeat(np.arange(families), units)
    between, within = np.repeat(np.linspace(-1.2, 1.2, families // 4), 4)[family], rng.standard_normal(families * units)
    return Truth(family, ndtr(between + 0.7 * within), 3.0 * between + 0.3 * rng.standard_normal(families * units))


def test_a_metric_that_only_knows_the_family_predicts_only_large_differences():
    found = decide_verdict(simulate(draw_levels(), noise=0.1), "mae", WHOLE, resamples=200)
    assert found.kind == "predicts large differences"
    assert found.coin_toss_below > 0.3
    assert "mae predicts only large differences in success over all policies: pairs closer than" in found.sentence
    assert "in mae are not shown to be better than a coin toss" in found.sentence


def test_a_metric_without_relation_over_many_families_does_not_predict():
    found = decide_verdict(simulate(draw(families=60, units=2, relation=0.0)), "mae", WHOLE, resamples=200)
    assert found.kind == "does not predict"
    assert found.sentence.startswith("mae does not predict success over all policies: Spearman")
    assert found.judgement.estimates["spearman"].high < USEFUL


@pytest.mark.parametrize("families", [4, 7])
def test_with_few_families_it_cannot_tell_and_says_what_it_would_take(families):
    found = decide_verdict(
        simulate(draw(seed=5, families=families, units=3, relation=0.3)), "mae", WHOLE, resamples=200
    )
    assert found.kind == "cannot tell"
    assert found.sentence.startswith(
        f"cannot tell whether mae predicts success over all policies with {3 * families} policies and 200 episodes: "
    )
    assert "to tell 0.5 from none it would take" in found.sentence
    assert found.coin_toss_below is None


def test_where_success_tells_few_pairs_apart_it_names_the_episodes_that_it_would_take():
    truth = draw(families=10, units=1, relation=0.99)
    found = decide_verdict(simulate(truth, episodes=40, noise=0.3), "mae", WHOLE, resamples=200)
    assert found.judgement.estimates["spearman"].low > 0.0
    assert found.judgement.apart < 30
    assert found.kind == "cannot tell"
    assert "pairs of policies apart; to tell 30 apart it would take about" in found.sentence


def test_where_no_pairs_are_shown_to_be_in_order_it_names_the_families_that_it_would_take():
    rng = np.random.default_rng(4)
    truth = draw_truth(rng, families=5, units=4, relation=0.5)
    population = draw_population(rng, truth, episodes=200, recorded=40)
    found = decide_verdict(population, "mae", WHOLE, resamples=100)
    assert (found.kind, found.judgement.apart >= 30) == ("cannot tell", True)
    assert found.judgement.estimates["spearman"].low > 0.0
    assert "but even of the pairs that differ most, 100 % of " in found.sentence
    assert found.sentence.endswith("to tell these from a coin toss it would take policies of about 6 families")


def test_where_noise_hides_the_correlation_it_cannot_tell_but_says_how_pairs_that_differ_are_ordered():
    truth = draw(families=10, units=4, relation=0.99)
    alike = truth._replace(rates=np.where(np.arange(40) % 4 < 3, 0.5, 0.95), metric=np.tile([0.0, 0.0, 0.0, 3.0], 10))
    found = decide_verdict(simulate(alike), "mae", Part("within families"), resamples=200)
    assert found.kind == "cannot tell"
    pairs = found.judgement.estimates["pairwise"]
    assert "noise of few episodes" in found.sentence
    assert (
        f"; of the pairs that success tells apart, {100 * pairs.value:.0f} % of {found.judgement.apart} in order ("
        in (found.sentence)
    )
    assert pairs.low > 0.5


def test_a_perfect_metric_is_judged_by_its_pairs():
    population = add_metric(
        simulate(draw(families=15, units=3, relation=0.5)),
        "oracle",
        "larger",
        lambda unit: unit.successes["corridor", "none"],
    )
    found = decide_verdict(population, "oracle", WHOLE, resamples=200)
    assert found.kind == "predicts"
    assert found.coin_toss_below == 0.0


def test_a_metric_that_never_varies_cannot_be_judged():
    population = add_metric(
        simulate(draw(families=6, units=2, relation=0.5)),
        "level",
        "larger",
        lambda unit: unit.metrics["mae", "corridor"]._replace(values=np.ones(40)),
    )
    found = decide_verdict(population, "level", WHOLE, resamples=50)
    assert found.kind == "cannot tell"
    assert "the same level" in found.sentence


def test_the_opposite_metric_does_not_predict():
    population = add_metric(
        simulate(draw(families=40, units=2, relation=0.9)),
        "upside-down",
        "larger",
        lambda unit: unit.metrics["mae", "corridor"],
    )
    assert decide_verdict(population, "upside-down", WHOLE, resamples=200).kind == "does not predict"


def test_families_can_be_judged_within():
    found = decide_verdict(
        simulate(draw(families=12, units=6, relation=0.99, shared=0.3), noise=0.2),
        "mae",
        Part("within families"),
        resamples=200,
    )
    assert found.kind == "predicts"
    assert "within families: Spearman" in found.sentence
