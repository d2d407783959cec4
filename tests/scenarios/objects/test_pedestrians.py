"""Laws of pedestrians: each keeps to a lane and turns before the walls."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.geometry import Pose2D
from scenarios.objects.pedestrians import LANE_GAP_M, PedestrianSpec, sample_pedestrian
from scenarios.world import footprint_radius

WAY = (Pose2D(0.7, 0.2), Pose2D(9.0, -0.5))
seeds = st.integers(0, 2**31 - 1)


@settings(deadline=None)
@given(seeds)
def test_a_pedestrian_keeps_to_the_lane_and_turns_off_the_walls(seed: int) -> None:
    spec = PedestrianSpec()
    sampled = sample_pedestrian(spec, np.random.default_rng(seed), 3, (2.0, 4.0), 5.0, WAY)
    assert sampled is not None
    item, mover = sampled
    assert item.name == mover.name == "walker-3"
    assert item.pose == mover.route.pose_at(mover.route.start_m)
    x, y = np.array(mover.route.points).T
    edge = footprint_radius(item) + LANE_GAP_M - 1e-9
    assert 2.0 + edge <= x.min() <= x.max() <= 4.0 - edge
    room = 2.5 - footprint_radius(item)
    assert room - spec.turn_gap.high - 1e-9 <= y.max() <= room - spec.turn_gap.low + 1e-9


@given(seeds)
def test_in_too_narrow_a_lane_or_hall_nobody_walks(seed: int) -> None:
    for lane, width in (((2.0, 2.4), 5.0), ((2.0, 4.0), 0.9)):
        assert sample_pedestrian(PedestrianSpec(), np.random.default_rng(seed), 0, lane, width, WAY) is None
