"""Targets are spread as far apart as asked, on the ground that was given, no two alike."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.geometry import Bounds
from scenarios.objects.targets import place_targets


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(1, 3))
def test_targets_keep_their_distance_and_their_ground(seed: int, count: int) -> None:
    items = place_targets(np.random.default_rng(seed), Bounds(1.0, -2.0, 4.0, 2.0), count, 1.3)
    assert items is not None
    assert len({item.label for item in items}) == len({item.name for item in items}) == count
    assert all(1.0 <= item.pose.x <= 4.0 and -2.0 <= item.pose.y <= 2.0 for item in items)
    assert all(
        math.dist((a.pose.x, a.pose.y), (b.pose.x, b.pose.y)) >= 1.3 for a, b in itertools.combinations(items, 2)
    )


def test_more_than_fit_are_none() -> None:
    assert place_targets(np.random.default_rng(0), Bounds(0.0, 0.0, 1.0, 1.0), 3, 1.3) is None
