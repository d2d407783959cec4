"""Short simulation: intervals of offline errors cover."""

from __future__ import annotations

from sim.benchmark.coverage import errors
from sim.benchmark.coverage.errors import DIFFERENCE, ERROR, MEAN, cover_errors
from sim.statistics.intervals import Interval


def test_errors_differences_and_means_over_data_sets_are_covered():
    found = list(cover_errors((20,), 200))
    assert {each.interval for each in found} == {ERROR, DIFFERENCE, MEAN}
    assert min(each.share for each in found) > 0.92 - 0.04  # and twice the simulation's own error


def test_intervals_that_are_too_narrow_are_found_out(monkeypatch):
    right = errors.ratio_interval

    def halve(sums, frames):
        low, high = right(sums, frames)
        return Interval((3 * low + high) / 4, (low + 3 * high) / 4)

    monkeypatch.setattr(errors, "ratio_interval", halve)
    assert max(each.share for each in cover_errors((20,), 100)) < 0.88
