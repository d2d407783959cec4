from __future__ import annotations

import numpy as np
import pytest

from policies.dataset.mapping.convert import convert_actions, convert_states
from policies.dataset.mapping.mapping import SI_UNITS, Column, Units, VectorMapping


def columns(**places: int) -> dict[str, Column]:
    return {axis: Column(str(place), place) for axis, place in places.items()}


def test_actions_by_hand() -> None:
    stored = np.array([[30.0, 0.5], [-90.0, -1.15]])  # deg/s counted clockwise, m/s
    mapping = VectorMapping("action", columns(vx=1, wz=0), Units("m/s", "deg/s"), {"wz": -1})
    expected = [[0.5 / 1.15, 0, -np.pi / 6 / 1.15], [-1, 0, np.pi / 2 / 1.15]]
    converted = convert_actions(stored, mapping)
    assert converted.dtype == np.float32
    np.testing.assert_allclose(converted, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_normalised_actions_are_taken_as_they_are(dtype: type) -> None:
    stored = np.array([[1, 0, -1], [0, 1, 0]], dtype)
    np.testing.assert_array_equal(convert_actions(stored, VectorMapping("a", columns(vx=0, vy=1, wz=2))), stored)


def test_our_own_si_actions_are_divided_in_their_own_precision() -> None:
    stored = np.random.default_rng(0).uniform(-1.15, 1.15, (1000, 3)).astype(np.float32)
    found = convert_actions(stored, VectorMapping("a", columns(vx=0, vy=1, wz=2), SI_UNITS))
    np.testing.assert_array_equal(found, stored / 1.15)


def test_states_by_hand_and_what_is_missing_is_zero() -> None:
    stored = np.array([[90.0, 200.0, 3.0]])
    state = VectorMapping("s", columns(wz=0, vx=1, x=2), Units("cm/s", "deg/s"), {"x": -1})
    np.testing.assert_allclose(convert_states(stored, state), [[2.0, 0, np.pi / 2, -3.0, 0, 0]], rtol=1e-6)
