"""Laws of a row."""

from __future__ import annotations

import re

import pytest
from rows import make_row

from sim.results.plan import Cell
from sim.results.row import COLUMNS, new_row, policy_fault_row, select_filmed, video_path
from sim.rollout.episode import Episode


def test_a_row_has_every_column_in_order_and_no_other():
    assert tuple(make_row("p", 0, "success")) == COLUMNS
    with pytest.raises(ValueError, match="splendour"):
        new_row(Cell("p", "corridor"), Episode("corridor", 0, 0), "success", 1, splendour=1.0)


def test_the_columns_that_were_there_keep_their_order():
    before = (
        *("policy", "scenario", "perturbation", "episode", "seed", "status", "success", "steps", "time_s", "path_m"),
        *("optimal_m", "spl", "soft_spl", "ndtw", "clearance_m", "smoothness", "progress", "on_policy_mae"),
        *("policy_ms", "digest", "video", "error"),
    )
    assert [column for column in COLUMNS if column in before] == list(before)
    assert set(COLUMNS) - set(before) == {"failure", "touched", "goal", "reached", "path_ratio", "time_ratio", "risk_s"}


def test_a_failure_of_no_other_kind_is_its_status_and_a_success_has_none():
    assert make_row("p", 0, "success")["failure"] is None
    assert make_row("p", 0, "stuck")["failure"] == "stuck"
    assert make_row("p", 0, "timeout", failure="lost")["failure"] == "lost"


def test_an_episode_that_the_policy_never_let_end_counts_as_failed():
    row = policy_fault_row(Cell("p", "corridor"), Episode("corridor", 3, 8), "no answer within 60 s")
    assert (row["status"], row["failure"], row["success"], row["spl"]) == ("policy-fault", "policy-fault", False, 0.0)
    assert (row["seed"], row["episode"]) == (3, 8)
    assert row["error"] == "no answer within 60 s"


@pytest.mark.parametrize(("choice", "numbers"), [("none", set()), ("failures", {0, 2, 3}), ("all", set(range(6)))])
def test_the_first_episode_filmed_and_two_failures_a_block_or_all_or_none(choice, numbers):
    rows = [make_row("p", number, "stuck" if number in (2, 3, 5) else "success") for number in range(6)]
    assert select_filmed(rows, choice) == numbers


def test_the_first_of_a_later_block_is_not_the_first_of_the_cell():
    assert select_filmed([make_row("p", number, "success") for number in range(10, 20)], "failures") == set()


def test_a_video_stays_in_its_folder_whatever_the_policy_is_called():
    assert video_path(make_row("hybrid", 7, "stuck")) == "videos/hybrid-corridor-none-0007-stuck.mp4"
    name = video_path(make_row("../../etc/my policy", 7, "stuck"))
    assert re.fullmatch(r"videos/etc-my-policy-[0-9a-f]{6}-corridor-none-0007-stuck\.mp4", name)


def test_two_policies_never_share_a_video():
    assert video_path(make_row("a/b", 0, "stuck")) != video_path(make_row("a-b", 0, "stuck"))
    filed = video_path({**make_row("zero", 0, "stuck"), "scenario": "/tmp/mine.yaml"})
    assert filed.count("/") == 1
