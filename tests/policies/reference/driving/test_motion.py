from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.reference.driving.motion import FASTEST_MPS, Motion, measure_covariance

STEP_S = 0.1


def watch(places: np.ndarray, covariance: np.ndarray) -> Motion:
    motion = Motion(places[0], covariance)
    for place in places[1:]:
        motion.update(place, covariance, STEP_S)
    return motion


def walk(velocity: tuple[float, float], seconds: float, start: tuple[float, float] = (2.0, 0.0)) -> np.ndarray:
    return np.array(start) + np.arange(0.0, seconds, STEP_S)[:, None] * np.array(velocity)


def test_what_was_seen_once_is_there_and_stands() -> None:
    motion = Motion(np.array([2.0, 1.0]), measure_covariance(2.0, 0.0))
    assert motion.xy.tolist() == [2.0, 1.0]
    assert motion.velocity.tolist() == [0.0, 0.0]


@given(speed=st.floats(0.2, 0.75), angle=st.floats(-math.pi, math.pi))
def test_a_velocity_is_found_from_exact_places(speed: float, angle: float) -> None:
    velocity = (speed * math.cos(angle), speed * math.sin(angle))
    places = walk(velocity, 3.0)
    motion = watch(places, 1e-4 * np.eye(2))
    assert motion.velocity == pytest.approx(velocity, abs=0.02)
    assert motion.xy == pytest.approx(places[-1], abs=0.02)


def test_near_places_tell_a_turn_soon_and_far_ones_are_smoothed() -> None:
    there_and_back = np.concatenate([walk((0.0, 0.6), 1.5), walk((0.0, -0.6), 0.6, (2.0, 0.9))])
    near, far = (watch(there_and_back, measure_covariance(range_m, 0.0)).velocity[1] for range_m in (1.0, 6.0))
    assert near < -0.3
    assert near < far


def test_errors_of_distance_are_no_motion() -> None:
    """Seen from the origin at 5 m: its distance is off by half a metre, its direction hardly."""
    rng = np.random.default_rng(0)
    places = np.stack([5.0 + 0.5 * rng.standard_normal(30), 0.05 * rng.standard_normal(30)], axis=1)
    assert np.hypot(*watch(places, measure_covariance(5.0, 0.0)).velocity) < 0.25


def test_no_velocity_is_faster_than_any_mover() -> None:
    assert np.hypot(*watch(walk((3.0, 0.0), 2.0), 1e-4 * np.eye(2)).velocity) == pytest.approx(FASTEST_MPS)


@given(range_m=st.floats(0.3, 8.0), angle=st.floats(-math.pi, math.pi))
def test_a_distance_is_less_sure_than_a_direction(range_m: float, angle: float) -> None:
    values, vectors = np.linalg.eigh(measure_covariance(range_m, angle))
    assert (values > 0.0).all()
    assert abs(vectors[:, 1] @ [math.cos(angle), math.sin(angle)]) == pytest.approx(1.0, abs=1e-6)


def test_what_is_not_known_grows_with_time_however_it_is_divided() -> None:
    """A place that tells nothing is as none."""
    start, nothing, exact = np.array([2.0, 0.0]), 1e9 * np.eye(2), 1e-4 * np.eye(2)
    at_once, in_steps = Motion(start, exact), Motion(start, exact)
    for _ in range(6):
        in_steps.update(start, nothing, STEP_S)
    in_steps.update(np.array([2.0, 0.3]), exact, STEP_S)
    at_once.update(np.array([2.0, 0.3]), exact, 7 * STEP_S)
    assert in_steps.velocity == pytest.approx(at_once.velocity, abs=1e-4)
    assert at_once.velocity[1] > 0.2
