"""Laws of the contest."""

from __future__ import annotations

from sim.agreement.conclusion.contest import HEADLINES, run_contest

from .made_up import make_population


def test_every_metric_is_judged_and_the_best_within_families_stands_first():
    rows = run_contest(make_population(families=6))
    assert [row.metric for row in rows] == ["rmse", "mae"]
    assert rows[0].rho(HEADLINES[1]) > rows[1].rho(HEADLINES[1])


def test_the_gain_is_the_difference_to_the_mae():
    best, mae = run_contest(make_population(families=6))
    assert mae.gains == {}
    for part in HEADLINES:
        difference = best.gains[part].differences["spearman"].value
        assert abs(difference - (best.rho(part) - mae.rho(part))) < 1e-9
