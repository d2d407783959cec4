"""Laws of the final table."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from rows import MANIFEST, PERTURBED, PLAN, make_offline, make_perturbed_rows, make_rows

from sim.summary import summarise
from sim.table import MEASURES, print_table


def printed(width=132, offline=None):
    offline = [make_offline("good", 0.0312), make_offline("bad", 0.2)] if offline is None else offline
    stream = io.StringIO()
    rows = make_rows()
    rows[0]["video"] = "videos/a.mp4"
    print_table(
        summarise(PLAN, rows, offline, MANIFEST["policies"]),
        Path("runs/x"),
        rows,
        Console(file=stream, width=width, no_color=True),
    )
    return stream.getvalue()


def test_mae_stands_beside_success_on_one_line():
    line = next(line for line in printed().splitlines() if line.startswith("good"))
    assert "11/12" in line
    assert "0.0312" in line
    assert "92 % (65 to 99 %)" in line
    assert "collision 1" in line


def test_the_best_success_comes_first():
    text = printed()
    assert text.index("good") < text.index("bad")


@pytest.mark.parametrize("width", [80, 100, 132])
def test_no_line_is_wider_than_the_screen_and_no_number_is_cut(width):
    text = printed(width)
    table = text.split("offline MAE floors")[0]
    assert max(map(len, table.splitlines())) <= width
    for words in ("11/12", "0.0312", "0/12", "0.2000", "collision 1", "timeout 7", "stuck 4", "policy-fault 1"):
        assert words in table
    assert "…" not in table


def test_the_floors_and_the_places_are_told():
    text = printed()
    assert "zero 0.3500, mean 0.2100, median 0.2000, hold 0.0200" in text
    assert "runs/x/report.html" in text
    assert "runs/x/episodes.jsonl" in text
    assert "runs/x/videos/a.mp4" in text


def test_an_offline_fault_is_told_not_hidden():
    text = printed(offline=[make_offline("good", None)])
    assert "offline error of good: ValueError: no" in text


def test_the_same_run_prints_the_same_text():
    assert printed() == printed()


def printed_perturbed(width=160, facts=MANIFEST["policies"]):
    stream = io.StringIO()
    rows = make_perturbed_rows()
    summary = summarise(PERTURBED, rows, [make_offline("good", 0.0312)], facts)
    print_table(summary, Path("runs/x"), rows, Console(file=stream, width=width, no_color=True))
    return stream.getvalue()


def test_a_perturbed_cell_tells_what_it_costs_below_the_one_without():
    lines = printed_perturbed().splitlines()
    without, disturbed, swapped = (line for line in lines if line.startswith("good"))
    assert " none " in without
    assert "lighting=2+latency=1" in disturbed
    assert "-25 (-55 to +12)" in disturbed
    assert "timeout 3, lost 1" in disturbed
    assert "instruction=3" in swapped
    assert any(line.startswith("vs. none: ") for line in lines)
    assert "vs. none" not in printed()


def test_the_language_score_and_the_thinking_time_are_told():
    facts = {**MANIFEST["policies"], "bad": {**MANIFEST["policies"]["bad"], "latency_s": 0.0851}}
    text = printed_perturbed(facts=facts)
    assert "language score of good on corridor: +0.96 (95 %: +0.88 to +1.00), 12 scenes under two instructions" in text
    assert "language score of bad on corridor: +0.00" in text
    assert text.count("thinks for") == 1
    assert "bad thinks for 85.1 ms while the world goes on" in text


@pytest.mark.parametrize("width", [80, 100, 120, 140, 200])
def test_a_perturbed_table_fits_every_screen_too(width):
    table = printed_perturbed(width).split("vs. none:")[0]
    assert max(map(len, table.splitlines())) <= width
    assert "…" not in table
    for words in (
        "wrong-target 7",
        "8/12",
        "67 % (39 to 86 %)",
        "-25 (-55 to +12)",
        "timeout 3",
        "lost 1",
        "instruction=3",
        "0.0312",
    ):
        assert words in table


def test_a_wide_screen_shows_every_measure_and_a_narrow_one_the_first_few():
    def headings(width):
        line = printed(width).splitlines()[0]
        return [heading for _, heading, _ in MEASURES if f" {heading} " in f"{line} "]

    every = [heading for _, heading, _ in MEASURES]
    assert headings(220) == every
    assert headings(132) == every[: len(headings(132))] != every
    assert headings(80) == []
