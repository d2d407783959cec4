"""Correlations that remain when one policy is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.results.summary.agreement import LeaveOneOut
from sim.statistics.correlation import correlate_rows

MIN_LEFT = 3  # policies; of two, a correlation is +-1 by chance


def leave_each_out(
    names: Sequence[str], errors: Sequence[float], rates: Sequence[float]
) -> tuple[LeaveOneOut | None, LeaveOneOut | None]:
    """Find the lowest and the highest Spearman's rho and Kendall's tau-b that remain without one policy.

    Args:
        names: The policies.
        errors: (n,) the offline error of each.
        rates: (n,) the success of each.
    """
    count = len(names)
    if count <= MIN_LEFT:
        return None, None
    kept = np.array([[other for other in range(count) if other != one] for one in range(count)])  # (n, n - 1)
    rho, tau = correlate_rows(np.asarray(errors, np.float64)[kept], np.asarray(rates, np.float64)[kept])
    return _find_extremes(names, rho), _find_extremes(names, tau)


def _find_extremes(names: Sequence[str], left: np.ndarray) -> LeaveOneOut | None:
    """The extremes of correlations (n,) without each policy; None where none is defined."""
    if not np.isfinite(left).any():
        return None
    lowest, highest = int(np.nanargmin(left)), int(np.nanargmax(left))
    return LeaveOneOut(float(left[lowest]), names[lowest], float(left[highest]), names[highest])
