"""Made-up episodes are always the same, and differ from each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from faulty_policies import SPEC

from policies.check.contract.samples import make_samples


def test_samples_repeat_exactly_and_differ_in_all_that_a_policy_is_given() -> None:
    one, again = make_samples(SPEC, 3, 4), make_samples(SPEC, 3, 4)
    for first, second in zip(one, again, strict=True):
        assert np.array_equal(first.pixels, second.pixels)
        assert np.array_equal(first.agent_pos, second.agent_pos)
        assert first.instruction == second.instruction
    assert len({each.instruction for each in one}) == 3
    assert not np.array_equal(one[0].pixels, one[1].pixels)
    assert not np.array_equal(one[0].pixels[0], one[0].pixels[1])


def test_frames_have_structure_and_the_specs_size() -> None:
    (sample,) = make_samples(replace(SPEC, image_size=(40, 60)), 1, 2)
    assert sample.pixels.shape == (2, 40, 60, 3)
    assert sample.pixels.std() > 10.0
    assert make_samples(replace(SPEC, image_size=None), 1, 2)[0].pixels is None


def test_odometry_is_the_integral_of_the_velocities() -> None:
    (sample,) = make_samples(SPEC, 1, 30)
    state = sample.agent_pos.astype(np.float64)
    assert np.allclose(np.diff(state[:, 5]), state[:-1, 2] * SPEC.period_s, atol=1e-6)
    length = np.hypot(*np.diff(state[:, 3:5], axis=0).T)
    assert np.allclose(length, np.hypot(*state[:-1, :2].T) * SPEC.period_s, atol=1e-5)


def test_the_true_state_starts_at_the_worlds_start() -> None:
    (sample,) = make_samples(SPEC, 1, 2)
    start = sample.world.start
    assert np.allclose(sample.truth(0).pose, (start.x, start.y, start.yaw))
