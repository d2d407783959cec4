"""Laws of success rates and their differences, and of the comparison of seen with unseen phrases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import FACTS, PERTURBED, PLAN, make_perturbed_rows, make_row, make_rows

from sim.analysis.rates import (
    compare_language,
    compare_paired,
    compare_success,
    estimate_success,
    group_by_phrase,
    pool_success,
)
from sim.analysis.summary import summarise_run
from sim.results.summary.rates import UnpairedDifference
from sim.results.summary.summary import LanguageScore, PhraseScore
from sim.statistics.unpaired import Counts, unpaired_rate_difference

outcomes = st.lists(st.booleans(), min_size=1, max_size=60)


@given(outcomes)
def test_a_rate_lies_within_its_interval_and_counts_every_episode(successes):
    found = estimate_success(successes)
    assert (found.k, found.n) == (sum(successes), len(successes))
    assert 0.0 <= found.low <= found.rate == found.k / found.n <= found.high <= 1.0


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_difference_is_that_of_the_two_rates_and_of_what_was_gained_and_lost(pairs):
    found = compare_paired(pairs)
    before, after = (estimate_success([pair[place] for pair in pairs]).rate for place in (0, 1))
    assert abs(found.difference - (after - before)) < 1e-12
    assert abs(found.difference - (found.gained - found.lost) / found.n) < 1e-12
    assert found.low <= found.difference <= found.high
    assert (found.baseline, found.n) == ("none", len(pairs))


def test_without_pairs_there_is_no_difference():
    assert compare_paired([]) is None


def make_told_rows(rows):
    """Say of every episode with an odd number that its phrase is unseen."""
    return [replace(row, phrase="unseen" if row.episode % 2 else "seen") for row in rows]


def test_values_of_no_known_phrase_are_in_no_group():
    assert group_by_phrase("aBc", lambda letter: None if letter == "c" else "seen" if letter == "a" else "unseen") == {
        "seen": ["a"],
        "unseen": ["B"],
    }


def test_seen_and_unseen_episodes_are_counted_apart_and_make_up_the_cell():
    good, _ = summarise_run(PLAN, make_told_rows(make_rows()), [], FACTS).cells
    assert good.phrases.seen == estimate_success([False] + [True] * 5)
    assert good.phrases.unseen == estimate_success([True] * 6)
    assert good.phrases.seen.k + good.phrases.unseen.k == good.success.k
    assert good.phrases.seen.n + good.phrases.unseen.n == good.success.n
    assert good.phrases.difference == UnpairedDifference(*unpaired_rate_difference(Counts(5, 6), Counts(6, 6)))
    assert good.phrases.difference.difference == pytest.approx(1 / 6)


def test_without_one_kind_there_is_no_difference_and_without_both_nothing():
    rows = [make_row("p", number, "success") for number in range(3)]
    assert compare_success(rows) is None
    found = compare_success([replace(row, phrase="unseen") for row in rows])
    assert (found.seen, found.unseen, found.difference) == (None, estimate_success([True] * 3), None)
    assert all(cell.phrases is None for cell in summarise_run(PLAN, make_rows(), [], FACTS).cells)


def test_pooled_cells_are_counted_as_one():
    cells = summarise_run(PLAN, make_told_rows(make_rows()), [], FACTS).cells
    assert pool_success(cells) == compare_success(make_told_rows(make_rows()))
    assert pool_success([replace(cell, phrases=None) for cell in cells]) is None


def test_the_language_score_of_a_kind_of_phrase_is_that_of_its_scenes_alone():
    rows = make_told_rows(make_perturbed_rows())
    for good in summarise_run(PERTURBED, rows, [], FACTS).language:
        for kind, number in (("seen", 0), ("unseen", 1)):
            alone = [row for row in rows if row.episode % 2 == number]
            whole = next(
                each for each in summarise_run(PERTURBED, alone, [], FACTS).language if each.policy == good.policy
            )
            assert getattr(good.phrases, kind) == PhraseScore(whole.pairs, whole.score, whole.low, whole.high)
        assert good.phrases.seen.pairs + good.phrases.unseen.pairs == good.pairs == 12
        found, difference = good.phrases, good.phrases.difference
        assert difference.difference == pytest.approx(found.unseen.score - found.seen.score)
        assert difference.low <= difference.difference <= difference.high


def test_a_language_score_of_one_kind_has_no_difference():
    score = LanguageScore("p", "corridor", 4, 0.5, 0.25, 0.75)
    found = compare_language({"seen": score})
    assert (found.seen, found.unseen, found.difference) == (PhraseScore(4, 0.5, 0.25, 0.75), None, None)
    assert compare_language({}) is None
    assert all(each.phrases is None for each in summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS).language)
