"""Pairs of policies whose success differs, and how many of them offline error orders in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from sim.analysis.policy_comparison import PolicyComparison
from sim.results.summary.agreement import PairAgreement, PairCounts
from sim.statistics.bootstrap import omit_constant, percentile_interval
from sim.statistics.exact import ALPHA
from sim.statistics.multiple import correct_holm, mcnemar_p

Pairs = Sequence[tuple[int, int]]


def count_pairs_in_order(compared: PolicyComparison) -> PairAgreement:
    """Count the pairs that differ in success, each by itself and corrected for their number, and those in order."""
    every, won = list(combinations(range(compared.size), 2)), np.concatenate(compared.successes)
    p_values = np.array([_test_difference(won[:, one], won[:, other]) for one, other in every])
    apart = [every[place] for place in np.flatnonzero(p_values < ALPHA)]
    corrected = [every[place] for place in np.flatnonzero(correct_holm(p_values) < ALPHA)]
    return PairAgreement(len(every), _count_orders(compared, apart), _count_orders(compared, corrected))


def _test_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the p value of the difference of two policies' success (episodes,) over the same episodes."""
    return mcnemar_p(gained=int((~one & other).sum()), lost=int((one & ~other).sum()))


def _count_orders(compared: PolicyComparison, pairs: Pairs) -> PairCounts:
    """Count the pairs that offline error orders as success does, with the interval of their share over episodes."""
    kept = Counter(_order_agreement(compared.errors[None], compared.rates[None], pairs)[0].tolist())
    share = kept[1.0] / len(pairs) if pairs else None
    low, high = None, None
    if share is not None and compared.explain_no_episode_interval() is None:
        resampled = _order_agreement(compared.resampled_errors, compared.resampled_rates, pairs)
        low, high = omit_constant(percentile_interval((resampled > 0).mean(axis=1))) or (None, None)
    return PairCounts(len(pairs), kept[1.0], kept[-1.0], kept[0.0], share, low, high)


def _order_agreement(errors: np.ndarray, rates: np.ndarray, pairs: Pairs) -> np.ndarray:
    """(r, pairs) 1 where the lower of two MAEs goes with more success, -1 where with less, 0 where two are equal."""
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    order: np.ndarray = np.sign(errors[:, one] - errors[:, other]) * np.sign(rates[:, other] - rates[:, one])
    return order
