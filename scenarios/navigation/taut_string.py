"""Shortest lines that visit circles in order, for many starts at once: taut strings through moving circles."""

from __future__ import annotations

import numpy as np

# The last barrier times the number of circles bounds the error of a length. A step's length is rounded off below the
# barrier, in metres, too.
BARRIERS = np.geomspace(0.1, 3e-5, 14)
NEWTON_STEPS = 2  # for each barrier
STEP_SHARES = np.array([1.0, 0.5, 0.25, 0.06, 0.0])  # of a Newton step, of which the best is taken
WITHIN = 0.95  # a step goes at most this share of the way to a circle's edge


def pull_taut(starts: np.ndarray, centres: np.ndarray, radius_m: float) -> np.ndarray:
    """Find the shortest lines from starts (b, 2) that visit n circles each, in order.

    A convex problem, solved by Newton's method with logarithmic barriers (Boyd and Vandenberghe 2004, "Convex
    Optimization", chapter 11), for all lines at once as one banded system.

    Args:
        starts: (b, 2) metres.
        centres: (b, n, 2) of the circles.
        radius_m: Radius of all circles.

    Returns:
        (b, n, 2) one point in each circle.
    """
    points = centres.astype(float)
    for barrier in BARRIERS.tolist():
        for _ in range(NEWTON_STEPS):
            points = _step(starts, points, centres, radius_m, barrier)
    return points


def measure_lines(starts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Compute the lengths (b,) of lines from starts (b, 2) through points (b, n, 2)."""
    length: np.ndarray = np.hypot(*np.moveaxis(_steps(starts, points), -1, 0)).sum(axis=1)
    return length


def _steps(starts: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.diff(points, axis=-2, prepend=np.broadcast_to(starts[:, None], (*points.shape[:-2], 1, 2)))


def _step(starts: np.ndarray, points: np.ndarray, centres: np.ndarray, radius_m: float, barrier: float) -> np.ndarray:
    """Return the points (b, n, 2) after one damped Newton step."""
    steps, offset = _steps(starts, points), points - centres
    lengths = np.sqrt((steps**2).sum(axis=-1) + barrier**2)  # (b, n)
    unit = steps / lengths[..., None]
    room = radius_m**2 - (offset**2).sum(axis=-1)  # (b, n)
    push = 2.0 * barrier / room
    gradient = unit + push[..., None] * offset
    gradient[:, :-1] -= unit[:, 1:]
    bending = (np.eye(2) - unit[..., :, None] * unit[..., None, :]) / lengths[..., None, None]  # (b, n, 2, 2)
    own = bending + push[..., None, None] * (
        np.eye(2) + 2.0 * offset[..., :, None] * offset[..., None, :] / room[..., None, None]
    )
    own[:, :-1] += bending[:, 1:]
    move = -_solve_banded(own, -bending, gradient)
    reach = _reach(offset, move, radius_m)  # (b,) the longest step within the circles
    shares = STEP_SHARES[:, None] * np.minimum(1.0, WITHIN * reach)  # (s, b)
    trials = points + shares[..., None, None] * move  # (s, b, n, 2)
    smooth = np.sqrt((_steps(starts, trials) ** 2).sum(axis=-1) + barrier**2).sum(axis=-1)
    costs = smooth - barrier * np.log(radius_m**2 - ((trials - centres) ** 2).sum(axis=-1)).sum(axis=-1)  # (s, b)
    chosen: np.ndarray = trials[costs.argmin(axis=0), np.arange(len(points))]
    return chosen


def _reach(offset: np.ndarray, move: np.ndarray, radius_m: float) -> np.ndarray:
    """Return the largest factors (b,) on moves (b, n, 2) that lead no point out of its circle."""
    a = (move**2).sum(axis=-1) + 1e-30
    b, c = (move * offset).sum(axis=-1), (offset**2).sum(axis=-1) - radius_m**2
    reach: np.ndarray = ((-b + np.sqrt(b * b - a * c)) / a).min(axis=1)
    return reach


def _solve_banded(own: np.ndarray, before: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve b symmetric block-tridiagonal systems: blocks (b, n, 2, 2) on the diagonal, and left of it; (b, n, 2)."""
    from scipy.linalg import solveh_banded  # slow to import, and what only lists scenarios plans no path

    lines, count = own.shape[:2]
    left = before.copy()
    left[:, 0] = 0.0  # lines don't depend on each other
    own, left = own.reshape(-1, 2, 2), left.reshape(-1, 2, 2)  # (b n, 2, 2)
    band = np.zeros((4, 2 * lines * count))  # lower diagonals: band[d, j] is the element (j + d, j)
    band[0, 0::2], band[0, 1::2] = own[:, 0, 0], own[:, 1, 1]
    band[1, 0::2] = own[:, 1, 0]
    band[1, 1:-2:2] = left[1:, 0, 1]
    band[2, 0:-2:2], band[2, 1:-2:2] = left[1:, 0, 0], left[1:, 1, 1]
    band[3, 0:-2:2] = left[1:, 1, 0]
    solution: np.ndarray = solveh_banded(band, right.reshape(-1), lower=True, check_finite=False)
    return solution.reshape(lines, count, 2)
