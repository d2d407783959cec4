"""Laws of the formats of numbers."""

from __future__ import annotations

import pytest

from sim.console.formatting import (
    format_control,
    format_count,
    format_difference,
    format_number,
    format_phrases,
    format_rate,
    format_signed,
    group_alike,
)
from sim.results.summary.rates import PairedDifference, SuccessByPhrase, SuccessRate, UnpairedDifference


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (0.0, "0.0 s"), (1.25, "1.2 s")])
def test_a_number_that_is_undefined_is_a_dash(value, text):
    assert format_number(value, "{:.1f} s") == text


def test_a_rate_is_formatted_in_whole_percent_with_its_interval():
    assert format_rate(SuccessRate(11, 12, 11 / 12, 0.6461, 0.9851)) == "92 % (65 to 99 %)"


def test_a_correlation_has_a_sign():
    assert (format_signed(0.5), format_signed(-1.0), format_signed(0.0)) == ("+0.50", "-1.00", "+0.00")


def test_a_difference_is_formatted_in_percentage_points_and_a_missing_one_is_a_dash():
    assert format_difference(PairedDifference("none", 12, -0.25, -0.5467, 0.1162, 4, 1)) == "-25 (-55 to +12)"
    assert format_difference(UnpairedDifference(0.1, -0.204, 0.4)) == "+10 (-20 to +40)"
    assert format_difference(None) == "-"


def test_seen_and_unseen_phrases_are_counts_side_by_side():
    seen, unseen = SuccessRate(23, 25, 0.92, 0.75, 0.98), SuccessRate(19, 25, 0.76, 0.57, 0.89)
    assert (format_count(seen), format_count(None)) == ("23/25", "-")
    assert format_phrases(SuccessByPhrase(seen, unseen, None)) == "23/25 · 19/25"
    assert format_phrases(SuccessByPhrase(None, unseen, None)) == "- · 19/25"
    assert format_phrases(None) == "-"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ((0.1, (224, 224), 1, 1), "10 Hz, frames of 224x224, replan horizon 1 of 1 action"),
        ((0.3, None, 1, 1), "3.33 Hz, no frames, replan horizon 1 of 1 action"),
        ((0.3, None), "3.33 Hz, no frames"),
        ((0.2, (96, 128), 16, 8), "5 Hz, frames of 96x128, replan horizon 8 of 16 actions"),
    ],
)
def test_rate_frame_size_and_replan_horizon_are_told(facts, text) -> None:
    assert format_control(*facts) == text


def test_names_with_equal_texts_stand_together_each_once():
    pairs = [("a", "x"), ("b", "y"), ("c", "x"), ("a", "x")]
    assert group_alike(pairs) == {"x": ["a", "c"], "y": ["b"]}
