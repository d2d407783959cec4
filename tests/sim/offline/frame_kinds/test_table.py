"""Laws of the printed errors by kind of frame."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sim.offline.frame_kinds.table import format_share, print_frame_kinds, summarise_kinds
from sim.results.summary.offline_score import ErrorShare, FrameKindScore, MaeEstimate, OfflineScore


def make_score(policy="good", mae=0.0623, episodes=20, error=None):
    own = None if error else MaeEstimate(mae, mae - 0.01, mae + 0.01)
    floors = {name: MaeEstimate(0.2, 0.1, 0.3) for name in ("zero", "mean", "median", "majority", "hold")}
    kinds = tuple(
        FrameKindScore(kind, count, episodes, own, None if error else 0.4, floors, None)
        for kind, count in (("burst", 160), ("turning", 2))
    )
    worst = None if error else ErrorShare(0.43, 0.4, 0.5)
    return OfflineScore(policy, "corridor", "held-out", 1000, 20, frame_kinds=kinds, worst_tenth=worst, error=error)


def printed(*scores, width=140):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_frame_kinds(scores, console)
    return console.file.getvalue()


@pytest.mark.parametrize(("width", "cells", "intervals"), [(140, 4, 2), (60, 4, 2), (50, 4, 0), (36, 3, 0), (24, 2, 0)])
def test_where_the_console_is_narrow_intervals_are_left_out_first_and_then_columns(width, cells, intervals):
    text = printed(make_score(), width=width)
    table = text[: text.index("burst:")].splitlines()[2:]
    assert all(len(line) <= width for line in table)
    row = next(line for line in table if line.startswith("good"))
    assert row.replace(" %", "%").split() == ["good", "0.062", "0.062", "43%"][:cells]
    assert text.count("(0.052 to 0.072)") == intervals


def test_below_a_kind_stand_its_number_and_its_share_of_frames():
    assert "160 (16 %)" in printed(make_score())
    assert [format_share(count, 1000) for count in (2, 6, 160, 1000)] == ["<1 %", "1 %", "16 %", "100 %"]


def test_a_failed_policy_has_dashes_and_baselines_have_figures():
    lines = printed(make_score("bad", error="ValueError: no"), width=60).splitlines()
    assert next(line for line in lines if line.startswith("bad")).split()[1:] == ["-", "-", "-"]
    assert next(line for line in lines if line.startswith("hold")).split()[1:] == ["0.200", "0.200"]


def test_kinds_are_explained_and_those_without_interval_or_frames_are_named():
    assert "turning: the label's |wz| is above 0.2" in printed(make_score())
    assert "no frame, or not recorded in this data set: after-burst, nominal, straight, near" in printed(make_score())
    assert "without an interval: burst, turning" in printed(make_score(episodes=9))
    assert "without an interval" not in printed(make_score(episodes=10))


def test_nothing_is_printed_without_kinds():
    assert printed(OfflineScore("a", None, "set")) == ""


def test_a_line_names_each_kind_and_the_worst_tenth():
    expected = "burst 0.062 (16 %), turning 0.062 (<1 %); the worst 10 % of frames hold 43 % of the error"
    assert summarise_kinds(make_score()) == expected
