"""Laws of the printed answers."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sim.claims.claim_answer import PairAnswer
from sim.claims.output import count_seeds, format_mae, format_points, format_published, print_answers
from sim.claims.published_claims import CLAIMS
from sim.claims.seed_difference import SeedDifference

GAIN, ONE = SeedDifference(-0.1, -0.15, -0.05, 3, 20), SeedDifference(0.25, None, None, 1, 20)


def test_differences_have_their_intervals_in_the_units_of_their_headings():
    assert format_mae(GAIN) == "-0.1000 (-0.1500 to -0.0500)"
    assert format_points(GAIN) == "-10.0 (-15.0 to -5.0)"
    assert format_points(ONE) == "+25.0"
    tiny = SeedDifference(-1e-6, -2e-5, 2e-5, 3, 40)
    assert (format_mae(tiny), format_points(tiny)) == ("+0.0000 (+0.0000 to +0.0000)", "+0.0 (+0.0 to +0.0)")
    assert (format_mae(None), format_points(None)) == ("-", "-")


def test_the_reason_for_no_interval_is_the_right_one():
    claim = CLAIMS["resampler"]
    few = PairAnswer(claim.pairs[0], SeedDifference(-0.1, None, None, 3, 3), GAIN, "cannot tell", "confirmed")
    assert "a single demonstration of a scenario doesn't tell how much" in printed({claim.name: (claim, [few])})


def test_published_differences_are_a_number_a_range_or_nothing():
    assert [format_published(CLAIMS[name].published) for name in ("normalization", "resampler", "yaw")] == [
        "-0.144",
        "-0.16 to -0.02",
        "-",
    ]


def printed(answers, width=140):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_answers(answers, console)
    return console.file.getvalue()


def test_every_claim_ends_with_its_verdicts_in_a_sentence():
    claim = CLAIMS["resampler"]
    text = printed({claim.name: (claim, [PairAnswer(claim.pairs[0], GAIN, GAIN, "confirmed", "contradicted")])})
    said = 'resampler: "the Vision Resampler gains 0.02 to 0.16 MAE" (with and without, all else equal): '
    assert f"{said}in MAE confirmed, in success contradicted\n" in text
    assert "enhanced-norm-no-resampler" in text


@pytest.mark.parametrize("width", [80, 140])
def test_differences_intervals_and_verdicts_are_whole_at_any_width(width):
    verdicts = ("confirmed, smaller than published", "no difference within ±5 points")
    answers = {
        name: (claim, [PairAnswer(pair, GAIN, GAIN, *verdicts) for pair in claim.pairs])
        for name, claim in CLAIMS.items()
    }
    pairs = sum(len(given) for _, given in answers.values())
    table = printed(answers, width).split("units:")[0]
    assert "…" not in table
    for shown in ("(-0.1500 to -0.0500)", "(-15.0 to -5.0)", "than published", "no difference within", "±5 points"):
        assert table.count(shown) == pairs


def test_what_is_missing_is_said():
    claim = CLAIMS["resampler"]
    nothing = PairAnswer(claim.pairs[0], None, None, "cannot tell", "cannot tell")
    assert "cannot tell, as enhanced-norm and enhanced-norm-no-resampler have no results of equal seeds" in printed(
        {claim.name: (claim, [nothing])}
    )
    only_mae = PairAnswer(claim.pairs[0], GAIN, None, "confirmed", "cannot tell")
    assert [count_seeds(each) for each in (only_mae, nothing)] == [("3", "0"), ("0",)]
    one = PairAnswer(claim.pairs[0], ONE, ONE, "cannot tell", "cannot tell")
    assert "as one training seed doesn't tell how much retraining changes" in printed({claim.name: (claim, [one])})
