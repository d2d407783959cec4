"""Laws of the formulas of navigation metrics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traces import make_world

from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import MovingItem, Route
from sim.metrics.navigation import (
    CRUISE_MPS,
    compute_progress,
    dtw,
    minimum_time,
    ndtw,
    on_policy_mae,
    path_length,
    resample_path,
    soft_spl,
    sparc,
    spl,
    time_at_risk,
)

coordinate = st.floats(-3.0, 3.0)
paths = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6).map(np.array)
metres = st.floats(0.0, 100.0)


def test_path_length_of_a_3_4_5_triangle_is_12():
    assert path_length(np.array([[0, 0], [3, 0], [3, 4], [0, 0]])) == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("success", "path_m", "optimal_m", "expected"),
    [(True, 10.0, 8.0, 0.8), (True, 7.9, 8.0, 1.0), (False, 8.0, 8.0, 0.0), (True, 0.0, 0.0, 1.0)],
)
def test_spl_by_hand(success, path_m, optimal_m, expected):
    assert spl(success, path_m, optimal_m) == pytest.approx(expected)


def test_soft_spl_by_hand():
    # 6 of 8 m covered on a way of 10 m: 0.75 * 8 / 10
    assert soft_spl(compute_progress(2.0, 8.0), 10.0, 8.0) == pytest.approx(0.6)


@settings(deadline=None, max_examples=40)
@given(st.booleans(), metres, metres, metres)
def test_spl_and_soft_spl_stay_within_0_and_1_and_soft_spl_at_the_goal_is_spl(success, path_m, optimal_m, left_m):
    assert 0.0 <= spl(success, path_m, optimal_m) <= 1.0
    assert 0.0 <= soft_spl(compute_progress(left_m, optimal_m), path_m, optimal_m) <= 1.0
    assert soft_spl(compute_progress(0.0, optimal_m), path_m, optimal_m) == spl(True, path_m, optimal_m)


def test_progress_is_never_negative_when_the_robot_ends_farther_away():
    assert compute_progress(12.0, 8.0) == 0.0


@settings(deadline=None, max_examples=40)
@given(paths)
def test_resampling_keeps_the_ends_and_never_lengthens(path):
    again = resample_path(path)
    assert np.allclose(again[0], path[0])
    if len(again) > 1:
        assert np.allclose(again[-1], path[-1])
    assert path_length(again) <= path_length(path) + 1e-6


def slow_dtw(reference, query):
    cost = np.full((len(reference) + 1, len(query) + 1), np.inf)
    cost[0, 0] = 0.0
    for i, r in enumerate(reference, 1):
        for j, q in enumerate(query, 1):
            cost[i, j] = math.dist(r, q) + min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
    return cost[-1, -1]


@settings(deadline=None, max_examples=40)
@given(paths, paths)
def test_dtw_by_antidiagonals_equals_the_textbook_recursion_and_is_symmetric(a, b):
    assert dtw(a, b) == pytest.approx(slow_dtw(a, b), abs=1e-9)
    assert dtw(a, b) == pytest.approx(dtw(b, a), abs=1e-9)


def test_ndtw_by_hand_for_a_parallel_path():
    # 11 points each, all 0.2 m apart: DTW = 11 * 0.2, so exp(-0.2 / 0.5)
    reference = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert ndtw(reference, reference + np.array([0.0, 0.2]), 0.5) == pytest.approx(math.exp(-0.4))


@settings(deadline=None, max_examples=40)
@given(paths)
def test_ndtw_of_a_path_with_itself_is_one(path):
    assert ndtw(path, path, 0.5) == pytest.approx(1.0)


@settings(deadline=None, max_examples=40)
@given(paths, paths)
def test_ndtw_stays_within_0_and_1(a, b):
    assert 0.0 <= ndtw(a, b, 0.5) <= 1.0


def test_ndtw_does_not_depend_on_the_speed_along_the_path():
    fast = np.stack([np.linspace(0, 4, 9), np.zeros(9)], axis=1)
    slow = np.stack([np.linspace(0, 4, 90), np.zeros(90)], axis=1)
    assert ndtw(fast, slow, 0.5) == pytest.approx(ndtw(fast, fast, 0.5))


def reference_sparc(movement, fs, padlevel=4, fc=10.0, amp_th=0.05):
    """As published with the paper (github.com/siva82kb/SPARC), up to the Nyquist frequency."""
    nfft = int(2 ** (np.ceil(np.log2(len(movement))) + padlevel))
    f = np.arange(0, fs, fs / nfft)
    magnitude = abs(np.fft.fft(movement, nfft))
    magnitude = magnitude / max(magnitude)
    select = f <= min(fc, fs / 2)
    f, magnitude = f[select], magnitude[select]
    above = np.flatnonzero(magnitude >= amp_th)
    f, magnitude = f[above[0] : above[-1] + 1], magnitude[above[0] : above[-1] + 1]
    return -sum(np.sqrt((np.diff(f) / (f[-1] - f[0])) ** 2 + np.diff(magnitude) ** 2))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.01, 2.0), min_size=2, max_size=90).map(np.array))
def test_sparc_equals_the_authors_code(speed):
    assert sparc(speed, 0.1) == pytest.approx(reference_sparc(speed, 10.0), rel=1e-9)


def test_sparc_is_lower_for_stop_and_go_than_for_one_bell_and_scale_does_not_count():
    t = np.linspace(0.0, 1.0, 60)
    bell = np.sin(np.pi * t) ** 2
    stop_and_go = np.sin(5 * np.pi * t) ** 2
    assert sparc(stop_and_go, 0.1) < sparc(bell, 0.1) < 0.0
    assert sparc(3.0 * bell, 0.1) == pytest.approx(sparc(bell, 0.1))


def test_sparc_of_a_robot_that_never_moved_is_undefined():
    assert math.isnan(sparc(np.zeros(20), 0.1))
    assert math.isnan(sparc(np.zeros(0), 0.1))


def test_on_policy_mae_by_hand():
    assert on_policy_mae(np.array([[1.0, 0.0, 0.0]]), np.array([[0.4, 0.0, -0.3]])) == pytest.approx(0.3)
    assert math.isnan(on_policy_mae(np.zeros((0, 3)), np.zeros((0, 3))))


@pytest.mark.parametrize(
    ("clearance_m", "seconds"),
    [
        ([1.0, 0.9, 0.8, 0.7], 0.0),  # 1 m/s: 0.7 s left at the end
        ([0.7, 0.61, 0.52, 0.43], 0.1),  # 0.9 m/s: 0.58 s left before the end, 0.48 s at it
        ([0.7, 0.59, 0.48, 0.37], 0.2),  # 1.1 m/s: 0.44 s, then 0.34 s
        ([0.3, 0.3, 0.3, 0.3], 0.0),  # beside a wall
        ([0.2, 0.3, 0.4, 0.5], 0.0),  # away from one
        ([0.06, 0.06, 0.06, 0.06], 0.0),
        ([0.04, 0.04, 0.04, 0.04], 0.3),  # sliding along it
        ([0.02, 0.04, 0.06, 0.08], 0.1),  # leaving it
        ([0.3, 0.2, 0.1, -0.01], 0.3),  # a collision: 0.2, 0.1 and 0 s
        ([0.3], 0.0),
    ],
)
def test_time_at_risk_by_hand(clearance_m, seconds):
    assert time_at_risk(np.array(clearance_m), 0.1) == pytest.approx(seconds)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=30).map(np.array), st.floats(0.1, 2.0), st.floats(0.0, 0.5))
def test_time_at_risk_grows_with_its_thresholds_and_never_exceeds_the_episode(clearance_m, ttc_s, least_m):
    counted = time_at_risk(clearance_m, 0.1, ttc_s, least_m)
    assert 0.0 <= counted <= 0.1 * (len(clearance_m) - 1) + 1e-9
    assert counted <= time_at_risk(clearance_m, 0.1, ttc_s + 0.5, least_m + 0.1) + 1e-9


def test_the_minimum_time_counts_the_hold_time_once():
    assert minimum_time(2.0 * CRUISE_MPS, make_world()) == pytest.approx(2.0)
    assert minimum_time(2.0 * CRUISE_MPS, make_world(hold_s=3.0)) == pytest.approx(5.0)


def test_the_minimum_time_of_a_chase_is_that_of_the_first_meeting_and_the_hold_after_it():
    world = chase()
    radius_m = world.task.goal.radius_m
    route = world.movers[0].route
    met_s = next(
        t
        for t in np.arange(0.0, 10.0, CONTROL_PERIOD_S)
        if math.dist((0.0, 0.0), route.pose_at(0.4 * t).xy) - radius_m <= CRUISE_MPS * t
    )
    # The first and the last of the poses that count are one period less than the hold time apart.
    assert minimum_time(math.nan, world) == pytest.approx(met_s + 3.0 - CONTROL_PERIOD_S)


def chase():
    return make_world(movers=(MovingItem("ball", Route(((6.0, 0.0), (6.0, 2.0)), 0.4)),), hold_s=3.0)
