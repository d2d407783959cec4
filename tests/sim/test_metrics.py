import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.metrics import covered, dtw, ndtw, on_policy_mae, path_length, resampled, score, soft_spl, sparc, spl
from sim.observers import EpisodeTrace
from sim.rollout import Episode, Outcome

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
    assert soft_spl(covered(2.0, 8.0), 10.0, 8.0) == pytest.approx(0.6)


@settings(deadline=None, max_examples=40)
@given(st.booleans(), metres, metres, metres)
def test_spl_and_soft_spl_stay_within_0_and_1_and_soft_spl_at_the_goal_is_spl(success, path_m, optimal_m, left_m):
    assert 0.0 <= spl(success, path_m, optimal_m) <= 1.0
    assert 0.0 <= soft_spl(covered(left_m, optimal_m), path_m, optimal_m) <= 1.0
    assert soft_spl(covered(0.0, optimal_m), path_m, optimal_m) == spl(True, path_m, optimal_m)


def test_covered_never_goes_below_zero_when_the_robot_ends_farther_away():
    assert covered(12.0, 8.0) == 0.0


@settings(deadline=None, max_examples=40)
@given(paths)
def test_resampling_keeps_the_ends_and_never_lengthens(path):
    again = resampled(path)
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


def straight_trace(steps: int) -> EpisodeTrace:
    x = 0.1 * np.arange(steps + 1)
    poses = np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=1)
    actions = np.tile(np.float32([0.5, 0.0, 0.0]), (steps, 1))
    return EpisodeTrace(
        episode=Episode("corridor", 1, 0),
        poses=poses,
        actions=actions,
        agent_pos=np.zeros((steps + 1, 6), np.float32),
        snapshots=poses,
        clearance_m=1.0 - 0.1 * x,
        policy_ms=np.array([9.0, 1.0, 2.0, 1.5, 2.0][:steps]),
        labels=actions + np.float32([0.3, 0.0, 0.0]),
        to_goal_m=2.0 - x,
        optimal_m=2.0,
        reference=np.array([[0.0, 0.0], [2.0, 0.0]]),
    )


WORLD = SimpleNamespace(task=SimpleNamespace(goal=SimpleNamespace(radius_m=0.5)))


def test_score_of_half_a_straight_drive_by_hand():
    row = score(straight_trace(5), WORLD, Outcome("collision", 5))
    assert row["time_s"] == pytest.approx(0.5)
    assert row["path_m"] == pytest.approx(0.5)
    assert row["optimal_m"] == 2.0
    assert row["spl"] == 0.0
    assert row["soft_spl"] == pytest.approx(0.25)
    assert row["progress"] == pytest.approx(0.25)
    assert row["clearance_m"] == pytest.approx(0.95)
    assert row["on_policy_mae"] == pytest.approx(0.1)
    assert row["policy_ms"] == 2.0
    assert 0.0 < row["ndtw"] < 1.0
    assert row["smoothness"] < 0.0


def test_score_of_an_episode_without_a_step_says_none_where_nothing_is_defined():
    row = score(straight_trace(0), WORLD, Outcome("policy-fault", 0, "raised"))
    assert row["smoothness"] is None
    assert row["on_policy_mae"] is None
    assert row["policy_ms"] is None
    assert row["spl"] == 0.0
    assert row["path_m"] == 0.0
