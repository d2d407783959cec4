"""Laws of the printed scores by offline metrics."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.score import ContestEntry, MetricScore
from sim.offline.metrics.table import list_reasons, print_contest

SCORE = MetricScore(
    "turn_error", "wrong turns", "", "smaller", ("labels",), "ours", Cost(40, 3, 2, 1.26), 0.25, 0.1, 0.4, (0.25,), 0.5
)
MISSING = replace(SCORE, metric="uwe", value=None, low=None, high=None, kept=None, unavailable="no retrains")


def entry(policy, *more):
    return ContestEntry(policy, "corridor", "folder", (SCORE, MISSING, replace(MISSING, metric="nll"), *more))


def printed(*entries, width=160):
    stream = io.StringIO()
    print_contest("corridor", entries, Console(file=stream, width=width))
    return [" ".join(line.split()) for line in stream.getvalue().splitlines()]


def test_a_metric_has_its_value_with_the_share_of_frames_and_its_facts():
    lines = printed(entry("one"))
    assert "turn_error smaller 0.250 (0.100 to 0.400) of 50 %" in lines
    assert "turn_error 40 3 2 1.3 wrong turns ours" in lines
    assert "uwe smaller -" in lines


def test_what_is_shown_beside_a_value_is_explained():
    text = printed(entry("one"))
    assert '"of N %": the share of the frames that the metric counts' in text
    assert any("with 95 % intervals over episodes" in line for line in text)
    few = ContestEntry("one", "corridor", "folder", (replace(SCORE, low=None, high=None, kept=None),))
    nothing = ContestEntry("one", "corridor", "folder", (MISSING,))
    assert "offline metrics on corridor: means over episodes" in printed(nothing)
    text = printed(few)
    assert not any("of N %" in line for line in text)
    assert any("means over episodes, without intervals: fewer than 3" in line for line in text)


def test_costs_are_means_over_policies():
    other = ContestEntry("two", "corridor", "folder", (replace(SCORE, cost=Cost(60, 3, 2, 0.74)),))
    one = ContestEntry("one", "corridor", "folder", (SCORE,))
    assert "turn_error 50 3 2 1.0 wrong turns ours" in printed(one, other)


def test_on_a_narrow_console_the_first_policy_stays():
    lines = printed(entry("one"), entry("two"), width=60)
    assert "metric better one" in lines


def test_metrics_that_lack_the_same_thing_share_a_line():
    assert list_reasons([entry("one"), entry("two")]) == ["not available: uwe, nll (no retrains)"]
    broken = replace(MISSING, metric="fde_1s")
    assert list_reasons([entry("one", broken), entry("two", SCORE)]) == [
        "not available: uwe, nll (no retrains)",
        "not available for one: fde_1s (no retrains)",
    ]
