"""Taut strings visit all circles in order and are as short as another method's, or as geometry says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from scenarios.navigation.taut_string import measure_lines, pull_taut

RADIUS_M = 1.0


def _draw(seed: int, lines: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return starts (b, 2), and circles (b, n, 2) along arcs."""
    rng = np.random.default_rng(seed)
    turns = np.linspace(0.0, 2.4, count) + rng.uniform(0.0, 6.0, (lines, 1))
    radii = rng.uniform(1.2, 2.5, (lines, 1))
    centres = radii[..., None] * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    return centres[:, 0] + rng.normal(size=(lines, 2)) * 3.0, centres


def test_every_line_has_a_point_in_each_circle() -> None:
    starts, centres = _draw(0, 30, 20)
    points = pull_taut(starts, centres, RADIUS_M)
    assert np.all(np.hypot(*np.moveaxis(points - centres, -1, 0)) <= RADIUS_M)


def test_circles_ahead_are_visited_on_a_straight_line_to_the_last_one() -> None:
    centres = np.stack([np.linspace(3.0, 7.0, 15), np.linspace(0.4, 0.0, 15)], axis=1)[None]
    points = pull_taut(np.zeros((1, 2)), centres, RADIUS_M)
    assert measure_lines(np.zeros((1, 2)), points)[0] == pytest.approx(6.0, abs=2e-3)


def test_a_start_within_all_circles_has_no_way_to_go() -> None:
    points = pull_taut(np.zeros((1, 2)), np.array([[(0.5, 0.0), (0.0, 0.5), (-0.5, 0.0)]]), RADIUS_M)
    assert measure_lines(np.zeros((1, 2)), points)[0] == pytest.approx(0.0, abs=1e-3)


def test_lines_computed_together_are_those_computed_alone() -> None:
    starts, centres = _draw(1, 6, 12)
    together = pull_taut(starts, centres, RADIUS_M)
    for number in range(6):
        chosen = slice(number, number + 1)
        assert pull_taut(starts[chosen], centres[chosen], RADIUS_M)[0] == pytest.approx(together[number], abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_lines_are_as_short_as_those_of_sequential_quadratic_programming(seed: int) -> None:
    starts, centres = _draw(seed, 1, 6)
    found = minimize(
        lambda x: measure_lines(starts, x.reshape(1, -1, 2))[0],
        (centres + np.random.default_rng(seed).normal(size=centres.shape) * 0.05).ravel(),
        constraints={"type": "ineq", "fun": lambda x: RADIUS_M**2 - ((x.reshape(-1, 2) - centres[0]) ** 2).sum(axis=1)},
        method="SLSQP",
        options={"maxiter": 500},
    )
    assert found.success
    assert measure_lines(starts, pull_taut(starts, centres, RADIUS_M))[0] == pytest.approx(found.fun, abs=2e-3)
