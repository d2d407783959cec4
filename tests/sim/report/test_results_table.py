"""Laws of the output printed at the end of a run."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rows import FACTS, PERTURBED, PLAN, make_kind, make_offline, make_perturbed_rows, make_rows

from sim.analysis.summary import summarise_run
from sim.metrics.registry import table_metrics
from sim.report.results_table import print_table
from sim.results.plan import RunPlan

SINGLE = RunPlan(("bad",), ("corridor",), 12, 0)


def printed(width=132, offline=None):
    """Return the lines that a run of one policy prints."""
    stream = io.StringIO()
    rows = [row for row in make_rows() if row.policy == "bad"]
    rows[0] = replace(rows[0], video="videos/a.mp4")
    offline = [make_offline("bad", 0.0312)] if offline is None else offline
    summary = summarise_run(SINGLE, rows, offline, FACTS)
    print_table(summary, Path("runs/x"), rows, Console(file=stream, width=width, no_color=True))
    return stream.getvalue()


def test_mae_and_success_are_on_one_line():
    line = next(line for line in printed(160).splitlines() if line.startswith("bad"))
    assert "0/12" in line
    assert "0.0312" in line
    assert "0 % (0 to 24 %)" in line
    assert "timeout 7, stuck 4" in line


@pytest.mark.parametrize("width", [80, 100, 132])
def test_no_line_is_wider_than_the_console_and_no_number_is_truncated(width):
    text = printed(width)
    table = text.split("\nsuccess: ")[0]
    assert max(map(len, table.splitlines())) <= width
    for words in ("0/12", "0.0312", "timeout 7", "stuck 4", "policy-fault 1"):
        assert words in table
    assert "…" not in table


def test_the_baselines_and_the_paths_are_printed():
    text = printed()
    assert "zero 0.3500, mean 0.2100, median 0.2000, hold 0.0200" in text
    assert "runs/x/report.html" in text
    assert "runs/x/episodes.jsonl" in text
    assert "runs/x/videos/a.mp4" in text


def test_the_errors_by_kind_of_frame_are_one_line_for_each_data_set():
    scored = replace(make_offline("bad", 0.0312), frame_kinds=(make_kind("near", 0.1307, 12),))
    line = "offline MAE of bad on corridor by kind of frame: near 0.131 (1 %)"
    assert printed(offline=[scored]).splitlines().count(line) == 1
    assert "by kind of frame" not in printed()


def test_an_offline_error_is_printed_once_with_all_of_its_scenarios():
    text = printed(offline=[make_offline("bad", None), make_offline("bad", None, "rooms")])
    assert text.count("ValueError: no") == 1
    assert "offline error of bad on corridor, rooms: ValueError: no" in text


def test_the_same_run_prints_the_same_text():
    assert printed() == printed()


def test_one_policy_is_not_ranked():
    assert "rank" not in printed()


def test_several_policies_end_in_a_ranking_and_show_their_cells_only_if_perturbed():
    stream = io.StringIO()
    rows = make_rows()
    summary = summarise_run(PLAN, rows, [make_offline("good", 0.03)], FACTS)
    print_table(summary, Path("runs/x"), rows, Console(file=stream, width=140, no_color=True))
    lines = stream.getvalue().splitlines()
    assert sum(line.startswith("good") for line in lines) == 0
    assert sum(" good " in line and "11/12" in line for line in lines) == 1
    both = printed_perturbed().splitlines()
    assert max(n for n, line in enumerate(both) if line.startswith("bad")) < both.index("")
    assert any(" good " in line for line in both[both.index("") :])


def printed_perturbed(width=160, facts=FACTS):
    stream = io.StringIO()
    rows = make_perturbed_rows()
    summary = summarise_run(PERTURBED, rows, [make_offline("good", 0.0312)], facts)
    print_table(summary, Path("runs/x"), rows, Console(file=stream, width=width, no_color=True))
    return stream.getvalue()


def test_a_perturbed_cell_follows_the_unperturbed_one_with_the_difference():
    lines = printed_perturbed().splitlines()
    without, disturbed, swapped = (line for line in lines if line.startswith("good"))
    assert " none " in without
    assert "lighting=2+latency=1" in disturbed
    assert "-25 (-57 to +14)" in disturbed
    assert "timeout 3, lost 1" in disturbed
    assert "instruction=3" in swapped
    assert any(line.startswith("vs. none: ") for line in lines)
    assert "vs. none" not in printed()


def test_the_language_score_and_the_simulated_latency_are_printed():
    facts = {**FACTS, "bad": replace(FACTS["bad"], latency_s=0.0851)}
    text = printed_perturbed(facts=facts)
    line = "language score of good on corridor: +0.96 (95 %: +0.53 to +1.00), 12 scenes, each under two instructions"
    assert line in text
    assert "language score of bad on corridor: +0.00" in text
    assert text.count("simulated inference latency") == 1
    assert "simulated inference latency of bad: 85.1 ms" in text


@pytest.mark.parametrize("width", [80, 100, 120, 140, 200])
def test_a_perturbed_table_fits_every_console_too(width):
    table = printed_perturbed(width).split("\n\n")[0].split("\nsuccess: ")[0]
    assert max(map(len, table.splitlines())) <= width
    assert "…" not in table
    for words in (
        "wrong-target 7",
        "8/12",
        "67 % (37 to 88 %)",
        "-25 (-57 to +14)",
        "timeout 3",
        "lost 1",
        "instruction=3",
        "0.0312",
    ):
        assert words in table


def test_a_wide_console_shows_every_metric_and_a_narrow_one_the_first_few():
    def headings(width):
        line = printed(width).splitlines()[0]
        return [metric.heading for metric in table_metrics() if f" {metric.heading} " in f"{line} "]

    every = [metric.heading for metric in table_metrics()]
    assert headings(220) == every
    assert headings(132) == every[: len(headings(132))] != every
    assert headings(80) == []


def told(rows):
    """Say of every episode with an odd number that its phrase is unseen."""
    return [replace(row, phrase="unseen" if row.episode % 2 else "seen") for row in rows]


def printed_told(plan, rows, width=160):
    stream = io.StringIO()
    print_table(summarise_run(plan, told(rows), [], FACTS), Path("runs/x"), rows, Console(file=stream, width=width))
    return stream.getvalue()


def test_seen_and_unseen_phrases_are_side_by_side_where_they_are_known():
    alone = RunPlan(("good",), ("corridor",), 12, 0)
    text = printed_told(alone, [row for row in make_rows() if row.policy == "good"])
    assert "5/6 · 6/6" in next(line for line in text.splitlines() if line.startswith("good"))
    assert "unseen less seen: +17 (-25 to +56) percentage points (95 %)" in text
    ranked = printed_told(PLAN, make_rows())
    assert "5/6 · 6/6" in next(line for line in ranked.splitlines() if line.startswith("good"))
    assert "unseen less seen" not in ranked
    assert "phrases" not in printed() + printed_perturbed()


def test_the_language_score_is_given_on_seen_and_on_unseen_phrases():
    text = printed_told(PERTURBED, make_perturbed_rows())
    line = next(line for line in text.splitlines() if line.startswith("language score of good"))
    assert "; seen phrases +0.92 (" in line
    assert "unseen phrases +1.00 (" in line
    assert line.count(", 6 scenes)") == 2


@pytest.mark.parametrize("width", [80, 132, 220])
def test_every_heading_is_explained_and_no_heading_that_is_not_shown(width):
    for text in (printed(width), printed_perturbed(width)):
        table, _, legend = text.partition("\nsuccess: ")
        shown = [metric.heading for metric in table_metrics() if f" {metric.heading} " in f"{table} "]
        explained = [metric.heading for metric in table_metrics() if f"\n{metric.heading}: " in legend]
        assert explained == shown
        assert "\nrate (95 %): " in legend
        assert ("vs. none" in table or "below it difference in success" in legend) == ("instruction=3" in table)
    assert ("\nfailures: " in legend) == ("failures" in table)


def test_without_an_offline_error_there_is_no_column_of_dashes():
    text = printed(80, offline=[])
    assert "MAE" not in text.replace("on-policy MAE", "")
    assert "MAE" in printed(80)


def test_the_errors_of_a_policy_are_counted_with_the_first_one():
    line = "errors of bad in 1 episode, the first in episode 3 of corridor: ValueError: <b>bold</b>"
    assert printed().splitlines().count(line) == 1
