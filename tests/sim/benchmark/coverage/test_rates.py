"""Short simulations: intervals of rates, differences and scores cover 92 % or more at every truth."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benchmark.coverage import rates
from sim.benchmark.coverage.rates import (
    PAIRS_OF_RATES,
    SCORES,
    cover_language,
    cover_paired,
    cover_success,
    simulate_obedience,
)
from sim.statistics.intervals import Interval, wilson_interval


def test_success_rates_are_covered_95_times_in_100_at_every_size_and_rate():
    found = list(cover_success((5, 6, 20, 200)))
    assert min(each.share for each in found) > 0.9499
    assert max(each.share for each in found if not each.extreme and each.size > 5) < 0.99


def test_an_interval_that_does_not_cover_is_found_out(monkeypatch):
    monkeypatch.setattr(rates, "success_interval", wilson_interval)
    assert min(each.share for each in cover_success((35,))) < 0.85
    monkeypatch.setattr(rates, "success_interval", lambda successes, trials: Interval(0.0, 1.0))
    assert all(each.share > 0.999 for each in cover_success((20,)))


def test_paired_differences_are_covered():
    assert min(each.share for each in cover_paired((5, 20, 100), 1500)) > 0.92


def test_language_scores_are_covered_whatever_a_policy_does_when_it_does_not_obey():
    found = list(cover_language((5, 20, 60), 1500))
    assert min(each.share for each in found) > 0.92 - 0.015  # and twice the simulation's own error
    assert all(each.share > 0.98 for each in found if "obedience 1," in each.truth)


@pytest.mark.parametrize("obedience", [0.0, 0.3, 1.0])
def test_obedience_is_simulated_by_probabilities_whose_mean_grows_with_it(obedience):
    for name, shares in simulate_obedience(obedience).items():
        assert shares.sum() == pytest.approx(1.0)
        assert (shares >= 0.0).all()
        assert shares @ SCORES == pytest.approx(1.0) or obedience < 1.0, name


def test_pairs_of_rates_have_both_of_their_rates():
    for truth in PAIRS_OF_RATES:
        both, gained, lost, _ = truth.share_outcomes()
        assert np.array([both + lost, both + gained]) == pytest.approx([truth.before, truth.after])
