from __future__ import annotations

import numpy as np

from policies.policy import ObservationBatch
from policies.scripted.baselines import RandomPolicy, make_straight_policy, make_zero_policy


def _batch(n: int) -> ObservationBatch:
    return ObservationBatch(None, np.zeros((n, 6), np.float32), np.ones(n, bool))


def test_zero_stands_still_and_straight_drives_ahead() -> None:
    assert np.array_equal(make_zero_policy().act(_batch(2)), np.zeros((2, 3)))
    assert np.array_equal(make_straight_policy().act(_batch(2)), [[1, 0, 0], [1, 0, 0]])


def test_random_stays_in_range_and_repeats_after_a_new_start() -> None:
    def drive() -> np.ndarray:
        policy = RandomPolicy()
        policy.reset([0, 1], ["a", "b"])
        return np.stack([policy.act(_batch(2)) for _ in range(20)])

    first = drive()
    assert first.dtype == np.float32
    assert np.abs(first).max() <= 1.0
    assert np.array_equal(first, drive())


def test_a_random_slot_draws_the_same_beside_any_others() -> None:
    alone, crowd = RandomPolicy(), RandomPolicy()
    alone.reset([0], ["go"])
    crowd.reset([0, 1, 2], ["go", "x", "y"])
    for _ in range(5):
        expected = alone.act(_batch(1))[0]
        assert np.array_equal(crowd.act(_batch(3))[0], expected)


def test_random_episodes_of_one_slot_differ() -> None:
    policy = RandomPolicy()
    policy.reset([0], ["go"])
    first = policy.act(_batch(1))
    policy.reset([0], ["go"])
    assert not np.array_equal(first, policy.act(_batch(1)))
