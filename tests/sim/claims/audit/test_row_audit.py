"""Laws of the audit of an error: it beats a baseline only where no reading says otherwise."""

from __future__ import annotations

import pytest

from sim.claims.audit.error_table import ReportedError, published_errors
from sim.claims.audit.frame_labels import published_labels
from sim.claims.audit.readings import Reading, list_baseline_figures
from sim.claims.audit.row_audit import BEATS, CANNOT_TELL, WORSE, audit_error, share_on_figures

FIGURES = list_baseline_figures(published_labels())


def audit(text, metrics=("mae",), samples=None, **stated):
    found = audit_error(ReportedError("a", "mae", text, metrics, stated, samples), FIGURES)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "stated", "verdict"),
    [
        ("0.0900", {}, BEATS),  # the lowest best constant is 0.130, of 3-D halved without first frames
        ("0.3900", {"unit": "raw", "axes": "2", "frames": "all"}, BEATS),  # the median's 0.400
        ("0.4100", {"unit": "raw", "axes": "2", "frames": "all"}, WORSE),
        ("0.4002", {"unit": "raw", "axes": "2", "frames": "all"}, CANNOT_TELL),
        ("0.40", {"unit": "raw", "axes": "2", "frames": "all"}, CANNOT_TELL),
        ("0.4100", {}, WORSE),
        ("0.2120", {}, CANNOT_TELL),  # below 0.267 as 3-D raw, above 0.200 as 2-D halved
        ("0.0014", {"frames": "first"}, WORSE),  # where standing still scores 0
        ("0.0014", {}, BEATS),
    ],
)
def test_the_verdict_follows_from_what_an_error_may_mean(text, stated, verdict):
    assert audit(text, **stated).verdict == verdict


def test_an_error_of_few_frames_beats_a_baseline_only_by_more_than_their_noise():
    stated = {"unit": "raw", "axes": "2", "frames": "all"}
    assert audit("0.3500", **stated).verdict == BEATS
    assert audit("0.3500", samples=15, **stated).verdict == CANNOT_TELL
    assert audit("0.0100", samples=15, **stated).verdict == BEATS


def test_readings_are_those_that_fit_what_is_stated():
    assert audit("0.3", unit="halved", frames="all").counts[1] == 2
    assert audit("0.3").counts[1] == 3 * 2 * 2  # units, axes, frames but the first
    assert audit("0.3", frames="first").counts[1] == 3 * 2


def test_readings_that_win_are_named():
    assert Reading("mae", "raw", 2, "all") in audit("0.3500").won
    assert Reading("mae", "halved", 2, "all") in audit("0.3500").lost


def test_an_error_lies_on_the_figures_that_it_equals_within_rounding():
    assert {(each.predictor, each.reading.unit) for each in audit("0.2001", axes="2", frames="all").equals} == {
        ("median", "halved")
    }
    assert not audit("0.2050", axes="2", frames="all").equals
    assert audit("0.2050", axes="2", frames="all").nearest.predictor == "median"


def test_an_error_lies_on_figures_of_first_frames_only_where_the_table_states_them():
    assert audit("0.0000").equals == ()
    assert {each.reading.frames for each in audit("0.0000", frames="first").equals} == {"first"}


def test_frames_whose_labels_are_not_known_give_no_verdict():
    assert audit_error(ReportedError("a", "mae", "0.2", ("mae",), {"frames": "middle"}), FIGURES) is None


def test_figures_drawn_at_random_lie_on_baselines_as_often_as_is_said():
    error = ReportedError("a", "mae", "0.5000", ("mae",), {"axes": "2", "frames": "all", "unit": "raw"})
    # 0.400, 0.489 and 0.708, each +- (0.001 + 0.00005), of 0 to 0.709
    assert share_on_figures(error, FIGURES) == pytest.approx(3 * 2 * 0.00105 / (0.7084 + 0.00105), rel=1e-3)


def test_no_published_error_beats_every_baseline_whatever_it_means():
    verdicts = [audit_error(error, FIGURES).verdict for error in published_errors().errors]
    assert BEATS not in verdicts
    assert verdicts.count(WORSE) == 10
