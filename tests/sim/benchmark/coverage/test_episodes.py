"""Short simulation: intervals of a rank correlation over episodes and over both cover, and of the pairs in order."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benchmark.coverage import episodes
from sim.benchmark.coverage.episodes import (
    IN_ORDER,
    OVER_BOTH,
    OVER_EPISODES,
    RELATIONS,
    SPREADS,
    cover_episodes,
    draw_population,
    draw_sample,
)
from sim.statistics.bootstrap import percentile_interval


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(episodes, "RESAMPLES", 100)
    monkeypatch.setattr(episodes, "POLICIES", (12,))
    monkeypatch.setattr(episodes, "SPREADS", dict([*SPREADS.items()][:1]))
    monkeypatch.setattr(episodes, "RELATIONS", (0.6, 0.98))


def test_correlations_and_pairs_are_covered(few):
    found = list(cover_episodes((10, 40), 60, 2))
    assert {each.size for each in found} == {40}  # ten have no interval
    for interval in (OVER_EPISODES, OVER_BOTH, IN_ORDER):
        assert min(each.share for each in found if each.interval == interval) > 0.88


def test_the_percentile_interval_is_found_out(few, monkeypatch):
    monkeypatch.setattr(episodes, "correlation_interval", lambda value, resampled, **_: percentile_interval(resampled))
    assert min(each.share for each in cover_episodes((40,), 40, 2) if each.interval == OVER_EPISODES) < 0.7


@pytest.mark.parametrize("spread", SPREADS)
def test_samples_have_the_rates_and_errors_of_their_population(spread):
    rng = np.random.default_rng(0)
    true = draw_population(rng, 8, spread, RELATIONS[-1])
    seen = draw_sample(rng, true, 4000)
    assert seen.won.mean(axis=0) == pytest.approx(true.rates, abs=0.04)
    assert true.rho < -0.7
    spread_of_error = np.log(seen.errors / true.errors)
    assert np.abs(spread_of_error.mean(axis=0)).max() < 0.05
