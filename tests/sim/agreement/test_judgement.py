"""Laws of the judgement of a metric, and the coverage of its intervals over populations with known truth."""

from __future__ import annotations

import json

import numpy as np
import pytest
from populations import add_metric, draw_population, draw_truth
from scipy import stats

from sim.agreement.judgement import (
    MIN_CLUSTERS,
    PERFECT_REASON,
    Judgement,
    estimate_interval,
    judge_metric,
    judge_population,
)
from sim.agreement.measures import CORRELATIONS, MEASURES
from sim.agreement.selection import Part
from sim.population.population import Population
from sim.results.codec import from_json, to_json
from sim.statistics.correlation import correlate_rows

WHOLE = Part("all")


def simulate(seed=0, *, families=8, units=3, relation=0.7, episodes=60, recorded=30, **options):
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng, families=families, units=units, relation=relation)
    return draw_population(rng, truth, episodes=episodes, recorded=recorded, **options)


def test_every_measure_has_a_value_within_its_interval():
    found = judge_metric(simulate(), "mae", WHOLE)
    assert (found.units, found.clusters, found.noun, found.driven, found.recorded) == (24, 8, "families", 60, 30)
    assert found.reason is None
    assert set(found.estimates) == set(MEASURES)
    for name, each in found.estimates.items():
        assert each.low <= each.value <= each.high, name


def test_an_error_and_the_same_as_a_score_are_judged_alike():
    error, score = (judge_metric(simulate(error=error), "mae", WHOLE, resamples=100) for error in (True, False))
    assert error.estimates == score.estimates


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"families": 4}, "4 families are too few for an interval: it needs 5"),
        ({"episodes": 20}, "20 episodes and 30 recorded ones are too few"),
        ({"recorded": 10}, "60 episodes and 10 recorded ones are too few"),
    ],
)
def test_where_too_little_was_seen_there_are_values_but_a_reason_in_place_of_intervals(options, words):
    found = judge_metric(simulate(**options), "mae", WHOLE)
    assert words in found.reason
    assert all(each.value is not None and each.low is each.high is None for each in found.estimates.values())


def test_noise_of_few_episodes_hides_correlations_but_not_what_is_told_for_as_many_episodes():
    found = judge_metric(simulate(noise=40.0), "mae", WHOLE)
    assert "noise of few episodes" in found.reason
    assert set(found.reasons) == set(CORRELATIONS)
    for name, each in found.estimates.items():
        if name in CORRELATIONS:
            assert each.low is each.high is None, name
        else:
            assert each.low <= each.value <= each.high, name


def test_units_that_are_alike_but_for_one_have_noisy_ranks_and_clear_values():
    """Pearson's correlation sees the one, whatever the order of the others."""
    truth = draw_truth(np.random.default_rng(0), families=8, units=4, relation=1.0)
    place = np.arange(32) % 4
    one = truth._replace(rates=np.where(place == 0, 0.02, 0.9), metric=np.where(place == 0, -40.0, 0.0))
    found = judge_metric(
        draw_population(np.random.default_rng(1), one, episodes=60, recorded=30), "mae", Part("within families")
    )
    assert set(found.reasons) == {"spearman", "kendall"}
    assert "of the variance of ranks" in found.reasons["spearman"]
    assert found.estimates["pearson"].low > 0.8
    assert found.estimates["spearman"].low is None


def test_only_clusters_that_a_measure_is_made_from_count():
    """One family alone has more units than regret at 3 takes; success tells apart units of three families only."""
    rng = np.random.default_rng(0)
    truth = draw_truth(rng, families=8, units=[6, 3, 3, 3, 3, 3, 3, 3], relation=0.7)
    level = truth._replace(rates=np.where(truth.families < 4, truth.rates, 0.5))
    found = judge_metric(draw_population(rng, level, episodes=60, recorded=30), "mae", Part("within families"))
    assert found.apart > 0
    for name, few in (("pairwise", "3 families are too few"), ("regret@3", "1 families are too few")):
        assert found.estimates[name].value is not None
        assert found.estimates[name].low is None
        assert few in found.reasons[name]
    assert found.estimates["mmrv"].low is not None
    assert found.estimates["regret@1"].low is not None
    assert "pairs in order: 3 families are too few for an interval" in found.reason


@pytest.mark.parametrize("last", [1.0, 0.99])
def test_a_perfect_share_is_at_least_as_uncertain_as_so_few_families_make_it(last):
    draws = np.append(np.ones(199), last)
    found = estimate_interval("pairwise", 1.0, draws, clusters=6, reliability=0.9)
    assert found.high == 1.0
    assert 0.4 < found.low < 0.7


def test_without_units_or_without_differences_there_is_neither():
    population = simulate()
    assert "there are no three units" in judge_metric(Population((), {"mae": "smaller"}), "mae", WHOLE).reason
    level = add_metric(
        population, "level", "larger", lambda unit: unit.metrics["mae", "corridor"]._replace(values=np.ones(30))
    )
    found = judge_metric(level, "level", WHOLE)
    assert found.reason == "all units have the same success, or the same level"
    assert found.estimates["spearman"].value is None


def test_families_that_are_each_alike_within_have_no_ranking_within():
    level = add_metric(
        simulate(),
        "level",
        "larger",
        lambda unit: unit.metrics["mae", "corridor"]._replace(values=np.full(30, float(unit.family[7:]))),
    )
    found = judge_metric(level, "level", Part("within families"))
    assert found.reason == "the units of each group have the same success, or the same level"
    assert found.estimates["spearman"].value is None


def test_a_perfect_correlation_has_no_interval_and_a_perfect_share_one_that_counts_clusters():
    population = add_metric(simulate(), "oracle", "larger", lambda unit: unit.successes["corridor", "none"])
    found = judge_metric(population, "oracle", WHOLE)
    assert found.estimates["spearman"].value == pytest.approx(1.0)
    assert found.estimates["spearman"].low is None
    assert found.reasons["spearman"] == PERFECT_REASON
    assert "pairwise" not in found.reasons
    wide = found.estimates["pairwise"]
    assert (wide.value, wide.high) == (1.0, 1.0)
    assert 0.55 < wide.low < 0.75  # eight families of eight


@pytest.mark.parametrize("name", ["mmrv", "spearman"])
def test_the_fewer_clusters_the_wider_is_the_interval_of_equal_resamples(name):
    draws = np.random.default_rng(0).normal(0.3, 0.1, 1000)
    few, many = (
        estimate_interval(name, 0.3, draws, clusters=clusters, reliability=0.9) for clusters in (MIN_CLUSTERS, 30)
    )
    assert few.high - few.low > 1.3 * (many.high - many.low)


def test_all_parts_of_a_population_are_judged_with_all_of_its_metrics():
    population = add_metric(simulate(), "copy", "smaller", lambda unit: unit.metrics["mae", "corridor"])
    found = judge_population(population, resamples=50)
    assert {(each.metric, each.part.kind) for each in found} == {
        (metric, kind) for metric in ("mae", "copy") for kind in ("all", "within families", "family")
    }


def test_a_judgement_is_read_again_from_json():
    found = judge_metric(simulate(), "mae", WHOLE, resamples=50)
    assert from_json(Judgement, json.loads(json.dumps(to_json(found))), "judgement") == found


def true_spearman(relation, units, kind="all"):
    """What very many families with very many episodes would give."""
    truth = draw_truth(np.random.default_rng(1), families=3000, units=units, relation=relation)
    if kind == "within families":
        rho, _ = correlate_rows(truth.metric.reshape(-1, units), truth.rates.reshape(-1, units))
        return float(rho.mean())
    return float(stats.spearmanr(truth.rates, truth.metric).statistic)


@pytest.mark.parametrize("relation", [0.0, 0.8])
def test_intervals_contain_the_truth_of_other_families_with_very_many_episodes(relation):
    truth, found = true_spearman(relation, 3), []
    for seed in range(40):
        each = judge_metric(simulate(seed, relation=relation), "mae", WHOLE, resamples=150).estimates["spearman"]
        found.append(each.low <= truth <= each.high)
    assert np.mean(found) >= 0.875  # with a coverage of 95 %, fewer than 35 of 40 come in 1.4 % of cases


LIKE_OURS = [25, 12, 8, 5, 5, 3]  # units of each family


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "relation", "units", "untold"),
    [
        *(("all", relation, [4] * 10, ()) for relation in (0.0, 0.6, 0.95)),
        *(("within families", relation, [4] * 10, ()) for relation in (0.0, 0.6, 0.95)),
        ("within families", 0.6, LIKE_OURS, ()),
        ("within families", 0.6, [40, 3, 3, 3, 3, 3], ("regret@3", "pairwise")),
    ],
)
def test_intervals_of_all_measures_cover(kind, relation, units, untold):
    """Correlations: what other families give with very many episodes; the others: what they give with as many."""
    found = [judge_drawn(seed, units, relation, noise=1.0, kind=kind) for seed in range(100)]
    truths = {"spearman": true_spearman(relation, 4, kind)} if len(set(units)) == 1 else {}
    for name in MEASURES:
        known = [each.estimates[name] for each in found if each.estimates[name].low is not None]
        assert (len(known) >= 50) != (name in untold), name
        if name in untold or (name in CORRELATIONS and name not in truths):
            continue
        assert share_covered(known, truths.get(name, mean_value(found, name))) >= 0.9, name


@pytest.mark.slow
@pytest.mark.parametrize("units", [[4] * 10, LIKE_OURS])
def test_intervals_of_what_is_told_for_as_many_episodes_cover_under_noise(units):
    found = [judge_drawn(seed, units, 0.6, noise=4.0, kind="within families") for seed in range(100)]
    assert sum("noise of few episodes" in str(each.reason) for each in found) > 90
    for name in MEASURES:
        if name not in CORRELATIONS:
            known = [each.estimates[name] for each in found if each.estimates[name].low is not None]
            assert len(known) >= 50, name
            assert share_covered(known, mean_value(found, name)) >= 0.9, name


def judge_drawn(seed, units, relation, *, noise, kind):
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng, families=len(units), units=units, relation=relation)
    population = draw_population(rng, truth, episodes=60, recorded=30, noise=noise)
    return judge_metric(population, "mae", Part(kind), resamples=200)


def mean_value(found, name):
    return np.mean([each.estimates[name].value for each in found if each.estimates[name].value is not None])


def share_covered(estimates, truth):
    return np.mean([each.low - 1e-9 <= truth <= each.high + 1e-9 for each in estimates])
