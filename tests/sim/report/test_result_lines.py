"""Laws of the lines below the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rows import make_ranked, make_row

from sim.report.result_lines import fault_lines, output_lines, suite_lines
from sim.results.plan import SuiteFacts


def test_the_errors_of_each_policy_are_one_line_with_the_first():
    rows = [
        make_row("good", 0, "success"),
        make_row("bad", 3, "policy-fault", error="KeyError: 'stats' (mine.py:4)"),
        make_row("bad", 4, "policy-fault", error="ValueError"),
    ]
    assert fault_lines(rows) == [
        "errors of bad in 2 episodes, the first in episode 3 of corridor: KeyError: 'stats' (mine.py:4)"
    ]
    assert fault_lines(rows[:1]) == []


@pytest.mark.parametrize(("videos", "words"), [(0, None), (1, "a-0.mp4"), (3, "a-0.mp4 and 2 more in the same folder")])
def test_the_files_are_named_relative_to_the_working_folder(tmp_path, monkeypatch, videos, words):
    monkeypatch.chdir(tmp_path)
    rows = [make_row("good", n, "success", video=f"videos/a-{n}.mp4") for n in range(videos)]
    lines = output_lines(tmp_path / "runs/x", rows)
    assert lines[:2] == ["report: runs/x/report.html", "rows:   runs/x/episodes.jsonl"]
    assert lines[2:] == ([] if words is None else [f"video:  runs/x/videos/{words}"])
    assert output_lines(Path("/elsewhere"), [])[0] == "report: /elsewhere/report.html"


def test_the_suite_is_a_line_of_runs_that_have_one():
    summary = make_ranked({"a": 1}, {})
    assert suite_lines(summary) == []
    assert suite_lines(replace(summary, suite=SuiteFacts("a1b2", "c3d4"))) == ["suite:  a1b2 (conditions c3d4)"]
