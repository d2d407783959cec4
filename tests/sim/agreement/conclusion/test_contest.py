"""Laws of the contest."""

from __future__ import annotations

from dataclasses import replace

from sim.agreement.conclusion.combination import add_combination
from sim.agreement.conclusion.contest import HEADLINES, RESAMPLES, run_contest
from sim.agreement.judgement import judge_metric
from sim.population.population import Population

from .made_up import make_population


def test_every_metric_is_judged_and_the_best_over_all_stands_first():
    rows = run_contest(make_population(families=6))
    assert [row.metric for row in rows] == ["rmse", "mae"]
    assert rows[0].rho(HEADLINES[0]) > rows[1].rho(HEADLINES[0])


def test_metrics_of_fewer_units_stand_behind_those_of_all():
    population = make_population(families=6)
    units = [
        replace(unit, metrics={**unit.metrics, ("rare", "corridor"): unit.metrics["rmse", "corridor"]})
        for unit in population.units[:12]
    ]
    more = Population((*units, *population.units[12:]), {**population.better, "rare": "smaller"})
    *others, rare = run_contest(more)
    assert rare.metric == "rare"
    assert {row.baseline for row in others} == {None}
    few = Population(tuple(units), more.better)
    assert rare.baseline == judge_metric(few, "mae", HEADLINES[0], resamples=RESAMPLES)


def test_leaving_families_out_is_no_loss_of_the_combination():
    """A combination of the MAE alone gains nothing, though it ranks worse over families that were left out."""
    combined = add_combination(make_population(families=6, metrics=("mae",)), ("mae",))
    one, mae = sorted(run_contest(combined), key=lambda row: row.metric)
    assert one.rho(HEADLINES[0]) != mae.rho(HEADLINES[0])
    assert [gain.differences["spearman"].value for gain in one.gains.values()] == [0.0] * 3


def test_judgements_that_are_known_are_taken_over():
    population = make_population(families=6)
    known = judge_metric(population, "mae", HEADLINES[0], resamples=50)
    (mae,) = (row for row in run_contest(population, {("mae", HEADLINES[0]): known}) if row.metric == "mae")
    assert mae.judgements[HEADLINES[0]] is known


def test_without_gains_the_judgements_are_the_same():
    population = make_population(families=6)
    for row, whole in zip(run_contest(population, gains=False), run_contest(population), strict=True):
        assert (row.metric, row.judgements, row.gains) == (whole.metric, whole.judgements, {})


def test_the_gain_is_the_difference_to_the_mae():
    best, mae = run_contest(make_population(families=6))
    assert mae.gains == {}
    for part in HEADLINES:
        difference = best.gains[part].differences["spearman"].value
        assert abs(difference - (best.rho(part) - mae.rho(part))) < 1e-9
