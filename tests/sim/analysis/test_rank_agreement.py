"""Laws of the agreement of two rankings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import make_errors

from sim.analysis.policy_comparison import PolicyComparison
from sim.analysis.rank_agreement import measure_rank_agreement
from sim.results.summary.agreement import PairAgreement, PairCounts, RelatedPolicies
from sim.results.summary.offline_score import OfflineScore


def compare(wins, errors, episodes=50, half_width=0.001, episode_mae=None):
    """Make policies that succeeded in the first ``wins`` of the same episodes."""
    won = np.arange(episodes)[:, None] < np.array(wins)
    scores = [
        OfflineScore(f"policy-{place}", "corridor", "held-out", episodes=20, errors=make_errors(mae, half_width))
        for place, mae in enumerate(errors)
    ]
    if episode_mae is not None:
        frames = (70,) * len(episode_mae[0])
        scores = [
            replace(score, episode_mae=tuple(each), episode_frames=frames)
            for score, each in zip(scores, episode_mae, strict=True)
        ]
    return PolicyComparison([won], [scores])


def test_mae_that_ranks_as_success_does_is_minus_one_and_orders_every_pair():
    found = measure_rank_agreement(compare([45, 30, 15, 5], [0.02, 0.03, 0.05, 0.09]))
    assert found.policies == 4
    assert found.spearman.value == pytest.approx(-1.0)
    assert found.kendall.value == pytest.approx(-1.0)
    assert found.spearman.low is None  # Fisher's z has no interval at -1, but episodes can be resampled
    assert found.spearman.episodes_low == pytest.approx(-1.0)
    assert found.spearman.both_low is None
    every = PairCounts(apart=6, same=6, opposite=0, tied=0, share=1.0, low=None, high=None)
    assert found.pairs == PairAgreement(pairs=6, alone=every, corrected=every)


def test_the_reverse_order_is_plus_one_and_no_pair_is_ordered_right():
    found = measure_rank_agreement(compare([5, 15, 30, 45], [0.02, 0.03, 0.05, 0.09]))
    assert found.spearman.value == pytest.approx(1.0)
    assert (found.pairs.alone.same, found.pairs.alone.opposite, found.pairs.alone.share) == (0, 6, 0.0)


def test_pairs_without_a_significant_difference_are_counted_but_not_compared():
    found = measure_rank_agreement(compare([30, 31, 5], [0.03, 0.02, 0.09], episodes=50)).pairs
    assert (found.pairs, found.alone.apart, found.alone.same) == (3, 2, 2)
    alike = measure_rank_agreement(compare([30, 31], [0.02, 0.03])).pairs
    assert (alike.pairs, alike.alone.apart, alike.alone.share, alike.alone.low) == (1, 0, None, None)


def test_equal_errors_are_ties():
    found = measure_rank_agreement(compare([45, 5, 25], [0.03, 0.03, 0.05])).pairs.alone
    assert (found.same, found.opposite, found.tied) == (1, 1, 1)


@pytest.mark.parametrize(
    ("wins", "words"), [([], "no policy"), ([30], "one policy"), ([30, 10], "two policies"), ([9, 9, 9], "the same")]
)
def test_without_a_correlation_there_is_a_reason(wins, words):
    found = measure_rank_agreement(compare(wins, [0.02, 0.03, 0.05][: len(wins)]) if wins else PolicyComparison([], []))
    assert found.spearman is found.kendall is None
    assert words in found.reason
    assert (found.pairs is None) == (len(wins) < 2)


def test_three_policies_have_a_correlation_but_no_interval_over_policies():
    found = measure_rank_agreement(compare([45, 25, 30], [0.02, 0.03, 0.05]))
    assert found.spearman.value == pytest.approx(-0.5)
    assert found.spearman.low is found.spearman.high is None
    assert "one time in six" in found.reason


def test_fewer_episodes_widen_the_interval_over_episodes():
    errors = [0.02, 0.03, 0.04, 0.05, 0.06]
    few = measure_rank_agreement(compare([18, 13, 23, 8, 28], errors, episodes=30)).spearman
    many = measure_rank_agreement(compare([600, 433, 767, 267, 933], errors, episodes=1000)).spearman
    assert few.value == many.value
    assert (few.low, few.high) == (many.low, many.high)  # the number of policies is the same
    assert many.episodes_high - many.episodes_low < few.episodes_high - few.episodes_low
    assert many.episodes_low <= many.value <= many.episodes_high


def test_policies_that_err_on_the_same_episodes_keep_their_order_in_every_resample():
    """The two errors differ by less than episodes do, but in the same direction in every episode."""
    hard = np.linspace(0.01, 0.2, 20)
    errors = [(hard + offset) for offset in (0.0, 0.001, 0.002, 0.003)]
    means = [float(each.mean()) for each in errors]
    apart = measure_rank_agreement(compare([45, 30, 15, 5], means, half_width=0.055))
    together = measure_rank_agreement(compare([45, 30, 15, 5], means, half_width=0.055, episode_mae=errors))
    assert "noise" in apart.episodes_reason
    assert apart.kendall.episodes_high is None
    assert together.kendall.episodes_high == pytest.approx(-1.0)


def test_the_same_comparison_gives_the_same_intervals():
    wins, errors = [9, 5, 7, 1], [0.02, 0.03, 0.05, 0.04]
    assert measure_rank_agreement(compare(wins, errors)) == measure_rank_agreement(compare(wins, errors))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 90)), min_size=3, max_size=6))
def test_reversing_the_order_of_errors_reverses_every_number(policies):
    wins, errors = zip(*policies, strict=True)
    there = measure_rank_agreement(compare(wins, [error / 100 for error in errors]))
    back = measure_rank_agreement(compare(wins, [1 - error / 100 for error in errors]))
    assert (there.policies, there.reason) == (back.policies, back.reason)
    ahead, reversed_ = there.pairs.alone, back.pairs.alone
    assert (ahead.same, ahead.tied) == (reversed_.opposite, reversed_.tied)
    assert ahead.apart == ahead.same + ahead.opposite + ahead.tied
    for one, other in ((there.spearman, back.spearman), (there.kendall, back.kendall)):
        assert (one is None) == (other is None)
        assert one is None or one.value == pytest.approx(-other.value)


def test_too_few_episodes_give_no_interval_over_them_but_a_reason():
    found = measure_rank_agreement(compare([9, 5, 7, 1, 3], [0.02, 0.03, 0.05, 0.04, 0.06], episodes=10))
    assert found.episodes_reason.startswith("10 episodes and 20 recorded ones are too few")
    assert found.spearman.low is not None
    assert found.spearman.episodes_low is found.spearman.both_low is found.pairs.alone.low is None


def test_an_interval_over_both_contains_that_over_policies_and_that_over_episodes():
    found = measure_rank_agreement(compare([45, 25, 35, 5, 15, 30], [0.02, 0.03, 0.05, 0.08, 0.06, 0.04])).spearman
    assert found.both_low <= min(found.low, found.episodes_low)
    assert found.both_high >= max(found.high, found.episodes_high)


def test_copies_and_mixtures_do_not_count_as_distinct_networks():
    wins, errors = [45, 45, 25, 35, 5, 15], [0.02, 0.02, 0.03, 0.05, 0.08, 0.06]
    related = (
        RelatedPolicies(("policy-0", "policy-1"), "same drives"),
        RelatedPolicies(("policy-3", "policy-2", "policy-4"), "mixture"),
    )
    found = measure_rank_agreement(compare(wins, errors), related)
    alone = measure_rank_agreement(compare([45, 25, 5, 15], [0.02, 0.03, 0.08, 0.06]))
    assert (found.policies, found.distinct.networks) == (6, 4)
    assert found.distinct.policies == ("policy-0", "policy-2", "policy-4", "policy-5")
    assert found.distinct.spearman.value == alone.spearman.value
    assert found.distinct.related == related
