"""Laws of the plot of latency against success."""

from __future__ import annotations

from dataclasses import replace

from rows import FACTS, PLAN, make_rows

from sim.analysis.summary import summarise_run
from sim.report.scatter import BOTTOM, LEFT, RIGHT, TOP
from sim.report.sections.latency_plot import lay_out_latency


def lay_out(good_ms, bad_ms):
    rows = [
        replace(row, metrics={**row.metrics, "policy_ms": good_ms if row.policy == "good" else bad_ms})
        for row in make_rows()
    ]
    summary = summarise_run(PLAN, rows, [], FACTS)
    return lay_out_latency(summary.agreement.rows, summary.cells)


def test_slower_is_further_right_and_equal_ratios_are_equal_distances():
    plot = lay_out(2.0, 200.0)
    good, bad = sorted(plot.points, key=lambda point: point.latency_ms)
    assert (good.name, round(good.latency_ms, 6), round(bad.latency_ms, 6)) == ("good", 2.0, 200.0)
    assert LEFT < good.x < bad.x < RIGHT
    assert TOP < good.y < bad.y <= BOTTOM
    places = {round(value, 6): x for x, value in plot.ticks}
    assert abs((places[100.0] - places[10.0]) - (bad.x - good.x) / 2) < 1e-6


def test_a_policy_without_a_latency_is_left_out_and_one_alone_is_no_plot():
    assert lay_out(2.0, None) is None
