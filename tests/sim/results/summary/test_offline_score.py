"""Laws of an offline score and of its JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import make_errors, make_offline

from sim.results.codec import from_json, to_json
from sim.results.summary.offline_score import (
    BaselineErrors,
    Convention,
    ConventionScore,
    ErrorShare,
    Finding,
    FrameKindScore,
    MaeEstimate,
    OfflineScore,
)

NUMBERS = st.floats(0, 2)
ERRORS = st.builds(make_errors, NUMBERS, NUMBERS)
BASELINE = st.builds(
    BaselineErrors, *[NUMBERS] * 3, st.tuples(NUMBERS, NUMBERS), NUMBERS, NUMBERS, st.just({"0.1": 0.5})
)
CONVENTION = st.builds(
    Convention, st.sampled_from(["2d", "3d"]), st.sampled_from(["raw", "action"]), st.sampled_from(["all", "first"])
)
CONVENTION_SCORE = st.builds(
    ConventionScore, CONVENTION, st.integers(1, 9), st.none() | ERRORS, st.dictionaries(st.text(), BASELINE, max_size=2)
)
ESTIMATE = st.builds(MaeEstimate, NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS)
KIND = st.builds(
    FrameKindScore,
    st.text(),
    st.integers(1, 9),
    st.integers(1, 9),
    st.none() | ESTIMATE,
    st.none() | NUMBERS,
    st.dictionaries(st.text(), ESTIMATE, max_size=2),
    st.none() | ERRORS.map(lambda errors: errors.comparison),
)
FINDING = st.builds(Finding, st.text(), st.sampled_from(["alarm", "note"]), NUMBERS, st.text())
SCORE = st.builds(
    OfflineScore,
    policy=st.text(),
    scenario=st.none() | st.text(),
    dataset=st.text(),
    errors=st.none() | ERRORS,
    episode_mae=st.none() | st.tuples(NUMBERS, NUMBERS),
    episode_frames=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    baselines=st.dictionaries(st.text(), NUMBERS, max_size=3),
    conventions=st.lists(CONVENTION_SCORE, max_size=2).map(tuple),
    frame_kinds=st.lists(KIND, max_size=2).map(tuple),
    worst_tenth=st.none() | st.builds(ErrorShare, NUMBERS, NUMBERS, NUMBERS),
    findings=st.lists(FINDING, max_size=2).map(tuple),
    error=st.none() | st.text(),
)


@given(SCORE)
def test_a_score_survives_the_way_through_json(score):
    assert from_json(OfflineScore, json.loads(json.dumps(to_json(score), allow_nan=False)), "here") == score


def test_the_keys_are_those_of_schema_1():
    written = to_json(make_offline("a", 0.1))
    figures = ["mae", "low", "high", "mae_axis", "mse", "rmse", "rmse_low", "rmse_high", "accuracy", "versus"]
    before, after = ["policy", "scenario", "dataset", "frames", "episodes", "frame_s", "period_s"], ["episode_frames"]
    after += ["floors", "conventions", "alarms", "unchecked", "error"]
    assert list(written) == [*before, *figures, *after]
    assert list(written["versus"]["constant"]) == ["difference", "low", "high", "floor"]
    assert [written[name] for name in figures] != [None] * len(figures)
    failed = to_json(make_offline("a", None))
    assert list(failed) == list(written)
    assert [failed[name] for name in figures] == [None] * len(figures)


def test_what_a_hung_policy_left_in_an_early_version_can_be_read():
    entry = {"policy": "a", "scenario": None, "dataset": "somewhere", "error": "no answer within 5 s"}
    score = from_json(OfflineScore, entry, "here")
    assert score == OfflineScore("a", None, "somewhere", error="no answer within 5 s")
    assert (score.mae, score.source) == (None, "somewhere")


def test_only_a_policy_that_did_not_fail_has_errors():
    score = make_offline("a", 0.1)
    assert (score.require_errors(), score.mae, score.source) == (score.errors, 0.1, "corridor")
    with pytest.raises(ValueError, match="policy 'b' has no offline errors on 'held-out': ValueError: no"):
        make_offline("b", None).require_errors()


def test_conventions_are_found_by_their_names():
    errors = BaselineErrors(0.1, 0.0, 0.2, (0.1,), 0.01, 0.1, {"0.1": 0.75})
    raw = ConventionScore(Convention("2d", "raw", "all"), 3, make_errors(0.1), {"zero": errors})
    score = OfflineScore("a", None, "here", conventions=(raw,))
    assert score.by_convention() == {Convention("2d", "raw", "all"): raw}
    assert raw.baselines["zero"].accuracy_rate(0.1) == 0.75


def test_the_keys_of_a_kind_of_frame_are_those_of_schema_1():
    kind = FrameKindScore("near", 3, 2, MaeEstimate(0.1, None, None), 0.4, {"zero": MaeEstimate(0.3, 0.2, 0.4)}, None)
    keys = ["kind", "count", "episodes", "mae", "low", "high", "error_share", "floors", "versus"]
    assert list(to_json(kind)) == keys
    assert from_json(FrameKindScore, to_json(kind), "here") == kind
