"""Short simulation: intervals of rank correlations over policies cover, with ties and without."""

from __future__ import annotations

from sim.benchmark.coverage import correlations
from sim.benchmark.coverage.correlations import RHO, TAU, cover_correlations


def test_rank_correlations_over_policies_are_covered(monkeypatch):
    monkeypatch.setattr(correlations, "POPULATION", 5000)
    monkeypatch.setattr(correlations, "RELATIONS", (0.0, 0.6, 0.95))
    found = list(cover_correlations((5, 10, 21), 600))
    assert {each.size for each in found if each.interval == RHO} == {5, 10, 21}
    assert {each.size for each in found if each.interval == TAU} == {10, 21}  # five have no interval
    assert min(each.share for each in found) > 0.92 - 0.025  # and twice the simulation's own error


def test_a_variance_that_is_too_small_is_found_out(monkeypatch):
    monkeypatch.setattr(correlations, "POPULATION", 5000)
    monkeypatch.setattr(correlations, "RELATIONS", (0.95,))
    right = correlations.spearman_interval

    def halve(first, second):
        low, high = right(first, second)
        return (3 * low + high) / 4, (low + 3 * high) / 4

    monkeypatch.setattr(correlations, "spearman_interval", halve)
    assert min(each.share for each in cover_correlations((21,), 300) if each.interval == RHO) < 0.85
