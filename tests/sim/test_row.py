"""Laws of a row."""

from __future__ import annotations

import re

import pytest
from rows import make_row

from sim.plan import Cell
from sim.rollout import Episode
from sim.row import COLUMNS, fault_row, is_filmed, new_row, video_name


def test_a_row_has_every_column_in_order_and_no_other():
    assert tuple(make_row("p", 0, "success")) == COLUMNS
    with pytest.raises(ValueError, match="splendour"):
        new_row(Cell("p", "corridor"), Episode("corridor", 0, 0), "success", 1, splendour=1.0)


def test_an_episode_that_the_policy_never_let_end_counts_as_failed():
    row = fault_row(Cell("p", "corridor"), Episode("corridor", 3, 8), "no answer within 60 s")
    assert (row["status"], row["success"], row["spl"], row["seed"], row["episode"]) == ("policy-fault", False, 0.0, 3, 8)
    assert row["error"] == "no answer within 60 s"


@pytest.mark.parametrize(
    ("choice", "number", "status", "filmed"),
    [
        ("none", 0, "collision", False),
        ("failures", 0, "success", True),
        ("failures", 1, "success", False),
        ("failures", 1, "stuck", True),
        ("all", 1, "success", True),
    ],
)
def test_what_is_filmed(choice, number, status, filmed):
    assert is_filmed(make_row("p", number, status), choice) is filmed


def test_a_video_stays_in_its_folder_whatever_the_policy_is_called():
    assert video_name(make_row("hybrid", 7, "stuck")) == "videos/hybrid-corridor-none-0007-stuck.mp4"
    name = video_name(make_row("../../etc/my policy", 7, "stuck"))
    assert re.fullmatch(r"videos/etc-my-policy-[0-9a-f]{6}-corridor-none-0007-stuck\.mp4", name)


def test_two_policies_never_share_a_video():
    assert video_name(make_row("a/b", 0, "stuck")) != video_name(make_row("a-b", 0, "stuck"))
