"""Laws of the final table."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from rows import PLAN, make_offline, make_rows

from sim.summary import summarise
from sim.table import print_table


def printed(width=132, offline=None):
    offline = [make_offline("good", 0.0312), make_offline("bad", 0.2)] if offline is None else offline
    stream = io.StringIO()
    rows = make_rows()
    rows[0]["video"] = "videos/a.mp4"
    print_table(summarise(PLAN, rows, offline), Path("runs/x"), rows, Console(file=stream, width=width, no_color=True))
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
