"""Laws of measuring in turns."""

import pytest

from sim.benchmark import measurements
from sim.benchmark.measurements import measure_rates, median_ratio


def test_rivals_take_turns_after_one_warm_up_each(monkeypatch):
    monkeypatch.setattr(measurements, "MIN_TURN_S", 0.0)
    calls = []

    def work(name):
        def run():
            calls.append(name)
            return 1

        return run

    found = measure_rates({"a": work("a"), "b": work("b")}, repeats=3)
    assert calls == ["a", "b"] + ["a", "b"] * 3
    assert [len(turns) for turns in found.values()] == [3, 3]


def test_a_ratio_is_the_median_of_the_turns_and_not_of_the_whole():
    # The machine was ten times slower in the second turn, for both.
    assert median_ratio([100.0, 10.0, 120.0], [10.0, 1.0, 10.0]) == pytest.approx(10.0)


def test_a_rate_counts_the_units_of_all_work_done_in_a_turn():
    ticks = iter([0.0, 0.0, 0.1, 0.5])  # began; after no work, one and two pieces
    assert measure_rates({"a": lambda: 16}, repeats=1, clock=lambda: next(ticks)) == {"a": [32 / 0.5]}
