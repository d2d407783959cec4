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


def entry(policy):
    return ContestEntry(policy, "corridor", "folder", (SCORE, MISSING, replace(MISSING, metric="nll")))


def test_a_row_has_the_value_the_share_of_frames_the_direction_and_the_cost():
    stream = io.StringIO()
    print_contest("corridor", [entry("one")], Console(file=stream, width=160))
    text = stream.getvalue()
    (row,) = [" ".join(line.split()) for line in text.splitlines() if line.startswith("turn_error")]
    assert row == "turn_error 0.250 (0.100 to 0.400) of 50 % smaller 40 + 3 + 2 1.3"
    assert "not available: uwe, nll (no retrains)" in text


def test_metrics_that_lack_the_same_thing_share_a_line_per_policy():
    assert list_reasons([entry("one"), entry("two")]) == [
        "not available: uwe, nll (one: no retrains)",
        "not available: uwe, nll (two: no retrains)",
    ]
