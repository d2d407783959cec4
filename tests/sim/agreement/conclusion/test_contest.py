"""Laws of the contest."""

from __future__ import annotations

from dataclasses import replace

from sim.agreement.conclusion.contest import HEADLINES, run_contest
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
    assert [row.metric for row in run_contest(more)][-1] == "rare"


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
