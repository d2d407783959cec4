"""Laws of a row."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import make_row

from scenarios.common.errors import InputError
from sim.metrics.registry import metric_names
from sim.metrics.score import EpisodeScore
from sim.results.codec import to_json
from sim.results.plan import Cell
from sim.results.row import (
    STATUSES,
    EpisodeRow,
    _read_complete,
    column_names,
    column_types,
    new_row,
    policy_fault_row,
    read_row,
    select_filmed,
    video_path,
)
from sim.rollout.episode import Episode, Outcome

finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=8)
any_row = st.builds(
    EpisodeRow,
    policy=texts,
    scenario=texts,
    perturbation=texts,
    episode=st.integers(0),
    seed=st.integers(0),
    status=st.sampled_from(STATUSES),
    success=st.booleans(),
    failure=st.none() | texts,
    touched=st.none() | texts,
    goal=st.none() | texts,
    reached=st.none() | texts,
    instruction=st.none() | texts,
    phrase=st.sampled_from((None, "seen", "unseen")),
    steps=st.integers(0),
    metrics=st.tuples(*[st.none() | finite for _ in metric_names()]).map(
        lambda values: dict(zip(metric_names(), values, strict=True))
    ),
    digest=st.none() | texts,
    video=st.none() | texts,
    error=st.none() | texts,
)


@given(any_row)
def test_a_row_survives_the_way_through_json_with_its_columns_in_order(row):
    text = json.dumps(to_json(row), allow_nan=False)
    assert tuple(json.loads(text)) == column_names()
    assert read_row(json.loads(text), "here") == row


def test_a_new_row_contains_its_cell_its_outcome_and_its_score():
    score = EpisodeScore("lost", None, "target-1", None, {"spl": 0.0})
    row = new_row(Cell("p", "rooms"), Episode("rooms", 3, 8), Outcome("timeout", 300), score, "d", "unseen", "go")
    assert (row.key, row.seed, row.steps) == (("p", "rooms", "none", 8), 3, 300)
    assert (row.status, row.success, row.failure, row.goal, row.reached) == ("timeout", False, "lost", "target-1", None)
    assert (row.metrics, row.digest, row.video, row.error) == ({"spl": 0.0}, "d", None, None)
    assert (row.cell, row.phrase, row.instruction) == (Cell("p", "rooms"), "unseen", "go")


def test_an_ending_is_the_most_precise_one_known():
    row = make_row("p", 0, "timeout", failure="lost")
    assert row.ending == "lost"
    assert replace(row, failure=None).ending == "timeout"
    assert make_row("p", 0, "success").ending == "success"


def test_a_row_of_an_early_version_is_read_without_the_columns_that_it_lacks():
    late = ("failure", "touched", "goal", "reached", "instruction", "phrase", "path_ratio", "time_ratio", "risk_s")
    old = {name: value for name, value in to_json(make_row("p", 0, "stuck")).items() if name not in late}
    row = read_row(old, "here")
    assert (row.failure, row.phrase, row.ending) == (None, None, "stuck")
    assert "risk_s" not in row.metrics


def test_unknown_columns_are_kept_if_they_are_numbers():
    later = {**to_json(make_row("p", 0, "stuck")), "turns_rad": 2.5, "host": "a", "checked": True}
    row = read_row(later, "here")
    assert row.metrics["turns_rad"] == 2.5
    assert {"host", "checked"}.isdisjoint(row.metrics)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "lost"}, "expected one of 'success', .* not 'lost' @ .status"),
        ({"phrase": "heard"}, "@ .phrase"),
        ({"episode": 1.5}, "expected int, not float @ .episode"),
        ({"spl": "high"}, "@ .metrics"),
        ({"policy": None}, "expected str, not NoneType @ .policy"),
    ],
)
def test_a_line_that_is_not_a_row_is_an_error_with_its_place(change, told):
    with pytest.raises(InputError, match=f"line 3 is not a.*{told}"):
        read_row({**to_json(make_row("p", 0, "stuck")), **change}, "line 3")
    with pytest.raises(InputError, match="expected an object, not list"):
        read_row([1], "line 3")


def test_every_column_is_a_bool_an_int_a_float_or_a_str():
    types = column_types()
    assert [name for name, kind in types.items() if kind is int] == ["episode", "seed", "steps"]
    assert [name for name, kind in types.items() if kind is bool] == ["success"]
    assert tuple(name for name, kind in types.items() if kind is float) == metric_names()
    assert set(types.values()) == {str, int, bool, float}


def test_the_columns_that_were_there_keep_their_order():
    before = (
        *("policy", "scenario", "perturbation", "episode", "seed", "status", "success", "steps", "time_s", "path_m"),
        *("optimal_m", "spl", "soft_spl", "ndtw", "clearance_m", "smoothness", "progress", "on_policy_mae"),
        *("policy_ms", "policy_call_ms", "digest", "video", "error"),
    )
    assert [column for column in column_names() if column in before] == list(before)
    assert set(column_names()) - set(before) == {
        "failure",
        "instruction",
        "touched",
        "goal",
        "reached",
        "phrase",
        "path_ratio",
        "time_ratio",
        "risk_s",
        "made_by",
    }


def test_an_episode_cut_short_by_a_policy_error_counts_as_a_failure():
    row = policy_fault_row(Cell("p", "corridor"), Episode("corridor", 3, 8), "no answer within 60 s", "seen")
    assert (row.status, row.failure, row.success, row.metrics["spl"]) == ("policy-fault", "policy-fault", False, 0.0)
    assert (row.seed, row.episode, row.phrase) == (3, 8, "seen")
    assert tuple(to_json(row)) == column_names()
    assert row.error == "no answer within 60 s"


@pytest.mark.parametrize(("choice", "numbers"), [("none", set()), ("failures", {0, 2, 3}), ("all", set(range(6)))])
def test_the_first_episode_and_two_failures_per_block_are_filmed_or_all_or_none(choice, numbers):
    rows = [make_row("p", number, "stuck" if number in (2, 3, 5) else "success") for number in range(6)]
    assert select_filmed(rows, choice) == numbers


def test_the_first_of_a_later_block_is_not_the_first_of_the_cell():
    assert select_filmed([make_row("p", number, "success") for number in range(10, 20)], "failures") == set()


def test_a_video_stays_in_its_folder_whatever_the_name_of_the_policy():
    assert video_path(make_row("hybrid", 7, "stuck")) == "videos/hybrid-corridor-none-0007-stuck.mp4"
    name = video_path(make_row("../../etc/my policy", 7, "stuck"))
    assert re.fullmatch(r"videos/etc-my-policy-[0-9a-f]{6}-corridor-none-0007-stuck\.mp4", name)


@pytest.mark.parametrize("letter", ["a", "字"])
def test_a_video_of_a_policy_with_a_long_name_has_a_name_that_a_disk_takes(letter):
    rows = [replace(make_row(letter * 300 + end, 999_999, "policy-fault"), scenario=letter * 200) for end in "xy"]
    names = {video_path(row).removeprefix("videos/") for row in rows}
    assert len(names) == 2
    assert all(len(name.encode()) <= 255 and name.endswith("-999999-policy-fault.mp4") for name in names)


def test_two_policies_never_share_a_video_file():
    assert video_path(make_row("a/b", 0, "stuck")) != video_path(make_row("a-b", 0, "stuck"))
    filed = video_path(replace(make_row("zero", 0, "stuck"), scenario="/tmp/mine.yaml"))
    assert filed.count("/") == 1


def read_slowly(value):
    """Read a row with a column more, which keeps it from the quick way."""
    return read_row({**value, "unknown": "text"}, "here")


@given(any_row)
def test_the_quick_way_to_read_a_row_gives_the_same(row):
    value = json.loads(json.dumps(to_json(row)))
    assert _read_complete(value) == read_slowly(value) == row
    assert list(to_json(_read_complete(value))) == list(value)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "unheard-of"}, {"status": None}, {"phrase": "odd"}, {"steps": True}, {"steps": 1.0}, {"steps": None},
        {"success": 1}, {"digest": 5}, {"time_s": "7"}, {"time_s": True}, {"policy": None}, {"episode": "1"},
    ],
)  # fmt: skip
def test_the_quick_way_leaves_all_that_is_odd_to_the_exact_one(change):
    value = {**to_json(make_row("p", 0, "stuck")), **change}
    assert _read_complete(value) is None


def test_a_whole_number_for_a_metric_is_read_as_ever():
    row = read_row({**to_json(make_row("p", 0, "stuck")), "time_s": 7}, "here")
    assert (row.metrics["time_s"], type(row.metrics["time_s"])) == (7.0, float)
