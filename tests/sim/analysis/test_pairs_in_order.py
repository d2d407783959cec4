"""Laws of pairs of policies."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rows import make_errors

from sim.analysis.pairs_in_order import count_pairs_in_order
from sim.analysis.policy_comparison import PolicyComparison
from sim.results.summary.offline_score import OfflineScore


def compare(wins, episodes=50, step=0.01):
    won = np.arange(episodes)[:, None] < np.array(wins)
    scores = [
        OfflineScore(f"policy-{place}", "corridor", "held-out", episodes=20, errors=make_errors(0.02 + step * place))
        for place in range(len(wins))
    ]
    return PolicyComparison([won], [scores])


def test_differences_that_one_pair_would_carry_are_lost_among_many():
    """Six lost of 50: p = 0.016, below 0.05 by itself, but not times 45."""
    two = count_pairs_in_order(compare([25, 19]))
    assert (two.alone.apart, two.corrected.apart) == (1, 1)
    many = count_pairs_in_order(compare([25, 19, *[25] * 8]))
    assert many.alone.apart == 9
    assert many.corrected.apart == 0
    assert many.corrected.share is many.corrected.low is None


def test_a_share_that_no_resample_of_the_episodes_changes_is_not_certain():
    """One pair in order is 100 %, of which "100 to 100 %" would say that it is known."""
    found = count_pairs_in_order(compare([45, 5], step=0.5)).alone
    assert (found.apart, found.same, found.share) == (1, 1, 1.0)
    assert found.low is found.high is None


@given(st.lists(st.integers(0, 50), min_size=2, max_size=7))
def test_pairs_that_differ_after_correction_also_differ_before(wins):
    found = count_pairs_in_order(compare(wins))
    assert found.corrected.apart <= found.alone.apart <= found.pairs
    assert found.corrected.same <= found.alone.same
    assert found.corrected.apart == found.corrected.same + found.corrected.opposite + found.corrected.tied
