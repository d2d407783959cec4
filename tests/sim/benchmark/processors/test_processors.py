"""Laws of the benchmark of processors."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benchmark.processors import processors
from sim.benchmark.processors.processors import (
    compare_outcomes,
    compare_stages,
    expected_spread,
    measure_processors,
)
from sim.benchmark.processors.stages import hash_stages


def test_the_first_stage_that_differs_is_named_and_every_one_counted():
    usual = {"worlds": ["a", "b"], "physics": ["c", "d"], "rows": ["e"]}
    found = list(compare_stages("set", usual, {"worlds": ["a", "b"], "physics": ["c", "x"], "rows": ["y"]}))
    assert [(each.name, each.value, each.unit) for each in found] == [
        ("set: equal stages", 1, "of 3, first to differ: physics"),
        ("set: physics that differ", 1, "of 2"),
        ("set: rows that differ", 1, "of 1"),
    ]
    assert [each.unit for each in compare_stages("set", usual, usual)] == ["of 3"]


def test_changed_outcomes_are_reported_with_interval_and_spread():
    usual, limited = [True] * 8 + [False] * 2, [True] * 7 + [False] * 2 + [True]
    successes, changed, spread = compare_outcomes("set", "hybrid", usual, limited)
    assert (successes.value, successes.unit) == (8, "of 10, not 8")
    assert (changed.value, changed.unit) == (2, "of 10 (3.7% to 55.6%)")
    assert spread.value == pytest.approx(100.0 * expected_spread(0.2, 50))
    assert spread.unit == "points (up to 10.5)"
    _, changed, spread = compare_outcomes("set", "hybrid", usual, usual)
    assert (changed.value, spread.value, spread.unit) == (0, 0.0, "points (up to 7.5)")  # few episodes show little


@pytest.mark.parametrize(("changed", "episodes"), [(0.02, 50), (0.1, 200), (0.0, 50)])
def test_the_expected_spread_is_that_of_simulated_machines(changed, episodes):
    rng = np.random.default_rng(0)
    flips = rng.random((20_000, episodes)) < changed
    difference = np.where(flips, rng.choice([-1, 1], flips.shape), 0).mean(axis=1)
    assert expected_spread(changed, episodes) == pytest.approx(difference.std(), rel=0.03)


def test_every_set_is_compared_with_this_processors_best_and_outcomes_with_all_limits(monkeypatch):
    def run(variables, function, *arguments):
        return {"worlds": [str(dict(variables))]} if function is hash_stages else [not variables] * 10

    monkeypatch.setattr(processors, "run_under", run)
    found = list(measure_processors("hybrid"))
    sets = processors.make_instruction_sets(processors.read_processor().numpy)
    assert [each.value for each in found if each.name.endswith("equal stages")] == [0] * len(sets)
    assert {each.name.split(":")[0] for each in found if "outcomes" in each.name} <= {"all, AVX2", "all, SSE4"}
    assert all(each.value == 10 for each in found if "outcomes" in each.name)
