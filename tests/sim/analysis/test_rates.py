"""Laws of success rates and their differences."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.rates import compare_paired, estimate_success

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
