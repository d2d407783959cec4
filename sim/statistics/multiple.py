"""Tests of many pairs: McNemar's test of two success rates, and Holm's correction for the number of tests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=65536)
def mcnemar_p(*, gained: int, lost: int) -> float:
    """Compute McNemar's two-sided mid-p value of episodes that were each driven twice.

    Fagerland, Lydersen and Laake 2013, "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better
    than exact conditional" (BMC Medical Research Methodology 13:91). 1 where no episode changed.

    Args:
        gained: Successes only after.
        lost: Successes only before.
    """
    changed, fewer = gained + lost, min(gained, lost)
    if changed == 0:
        return 1.0
    ways, total = 1, 1  # of `fewer` or less among `changed`, in whole numbers: thousands of episodes exceed any float
    for k in range(fewer):
        ways = ways * (changed - k) // (k + 1)
        total += ways
    return min(1.0, (2 * total - ways) / 2**changed)


def correct_holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Correct p values (k,) for their number.

    Holm 1979, "A simple sequentially rejective multiple test procedure" (Scandinavian Journal of Statistics 6:65). The
    probability of any false difference among all stays below 5 %, whatever the dependence of the tests.
    """
    raw = np.asarray(p_values, np.float64)
    order = np.argsort(raw, kind="stable")
    corrected = np.empty_like(raw)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1)))
    return corrected
