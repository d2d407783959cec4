"""Laws of the pairs by their difference in a metric."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agreement.comparison import Comparison
from sim.agreement.verdict.pair_shares import find_coin_toss, resample_pairs, share_pairs


def compare(rates, proxies, episodes=200, clusters=None):
    """Units that succeed in as many of the same episodes, scored without noise."""
    count = len(rates)
    won = (np.arange(episodes)[:, None] < np.asarray(rates) * episodes).astype(float)
    return Comparison(
        names=tuple(map(str, range(count))),
        groups=np.full(count, "all"),
        clusters=np.array(clusters or [str(place) for place in range(count)]),
        noun="families",
        successes=(won,),
        even=(np.arange(episodes) % 2 == 0,),
        values=(np.tile(np.asarray(proxies, float), (30, 1)),),
        left_out={},
    )


def test_shares_are_counted_among_pairs_that_are_told_apart():
    compared = compare([0.1, 0.3, 0.5, 0.5], [1.0, 3.0, 2.0, 9.0])
    pairs = resample_pairs(compared, 20)
    assert pairs.differences.tolist() == [2.0, 1.0, 8.0, 1.0, 6.0]  # the last two succeed equally often
    found = share_pairs(pairs, pairs.differences < 5.0)
    assert (found.pairs, found.share.value) == (3, pytest.approx(2 / 3))
    assert found.share.low is None  # three clusters


def test_close_pairs_at_random_are_a_coin_toss_and_the_bound_lies_where_order_begins():
    rng = np.random.default_rng(0)
    rates = np.linspace(0.0, 1.0, 24)
    steps = np.floor(rates * 3.99) * 10.0 + rng.random(24)  # four levels far apart, no order within each
    compared = compare(rates, steps)
    pairs = resample_pairs(compared, 300)
    below, coin = find_coin_toss(pairs)
    assert 1.0 < below < 15.0
    assert not coin.is_better_than_a_coin
    assert share_pairs(pairs, pairs.differences > below).is_better_than_a_coin


def test_where_all_pairs_are_in_order_nothing_is_a_coin_toss():
    compared = compare(np.linspace(0.0, 1.0, 24), np.linspace(0.0, 1.0, 24))
    assert find_coin_toss(resample_pairs(compared, 100)) == (0.0, None)


def test_no_pairs_are_no_share():
    compared = compare([0.5, 0.5, 0.5], [1.0, 2.0, 3.0])
    found = share_pairs(resample_pairs(compared, 10), np.zeros(0, bool))
    assert (found.pairs, found.share.value, str(found)) == (0, None, "no pairs")
    assert not found.is_better_than_a_coin
