"""Pairs of policies whose success differs, and how many of them offline error orders in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from sim.analysis.policy_comparison import PolicyComparison
from sim.results.agreement import CorrectedPairs, PairAgreement
from sim.statistics.bootstrap import percentile_interval
from sim.statistics.exact import ALPHA
from sim.statistics.intervals import paired_difference
from sim.statistics.multiple import correct_holm, mcnemar_p

Pairs = Sequence[tuple[int, int]]


class _Changes(NamedTuple):
    """Episodes of two policies."""

    both: int
    lost: int
    gained: int
    neither: int


def count_pairs_in_order(compared: PolicyComparison) -> PairAgreement:
    """Count the pairs that differ in success, each by itself and corrected for their number, and those in order."""
    every, won = list(combinations(range(compared.size), 2)), np.concatenate(compared.successes)
    changes = [_count_changes(won[:, one], won[:, other]) for one, other in every]
    apart = [pair for pair, change in zip(every, changes, strict=True) if _differ(change)]
    p_values = correct_holm([mcnemar_p(gained=change.gained, lost=change.lost) for change in changes])
    corrected = [pair for pair, p_value in zip(every, p_values, strict=True) if p_value < ALPHA]
    counts = _count_orders(compared, apart)
    return PairAgreement(
        len(every),
        counts.apart,
        counts.same,
        counts.opposite,
        counts.tied,
        counts.share,
        counts.low,
        counts.high,
        corrected=_count_orders(compared, corrected),
    )


def _count_changes(one: np.ndarray, other: np.ndarray) -> _Changes:
    return _Changes(*(int(each.sum()) for each in (one & other, one & ~other, ~one & other, ~one & ~other)))


def _differ(change: _Changes) -> bool:
    """Return whether the interval of the difference of two success rates, over the same episodes, excludes 0."""
    found = paired_difference(**change._asdict())
    return found.low > 0.0 or found.high < 0.0


def _count_orders(compared: PolicyComparison, pairs: Pairs) -> CorrectedPairs:
    """Count the pairs that offline error orders as success does, with the interval of their share over episodes."""
    kept = Counter(_order_agreement(compared.errors[None], compared.rates[None], pairs)[0].tolist())
    share = kept[1.0] / len(pairs) if pairs else None
    low, high = None, None
    if share is not None and compared.explain_no_episode_interval() is None:
        resampled = _order_agreement(compared.resampled_errors, compared.resampled_rates, pairs)
        low, high = percentile_interval((resampled > 0).mean(axis=1))
    return CorrectedPairs(len(pairs), kept[1.0], kept[-1.0], kept[0.0], share, low, high)


def _order_agreement(errors: np.ndarray, rates: np.ndarray, pairs: Pairs) -> np.ndarray:
    """(r, pairs) 1 where the lower of two MAEs goes with more success, -1 where with less, 0 where two are equal."""
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    order: np.ndarray = np.sign(errors[:, one] - errors[:, other]) * np.sign(rates[:, other] - rates[:, one])
    return order
