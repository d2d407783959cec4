import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.common.seeding import make_generator
from sim.record.drivers.action_noise import BURST_SHARE, BURST_STEPS, SEGMENT_STEPS, draw_expert_mask, draw_noise_bursts


def runs(active: np.ndarray) -> list[int]:
    """Lengths of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], active.astype(int), [0]])))
    return (edges[1::2] - edges[::2]).tolist()


def test_equal_seeds_draw_equal_bursts_and_different_seeds_do_not():
    assert np.array_equal(
        draw_noise_bursts(make_generator(7, "noise"), 300), draw_noise_bursts(make_generator(7, "noise"), 300)
    )
    assert not np.array_equal(
        draw_noise_bursts(make_generator(7, "noise"), 300), draw_noise_bursts(make_generator(8, "noise"), 300)
    )


def test_about_a_fifth_of_all_steps_stand_in_bursts():
    share = np.mean([draw_noise_bursts(make_generator(seed, "noise"), 300).any(axis=1).mean() for seed in range(200)])
    assert share == pytest.approx(BURST_SHARE, abs=0.03)


def test_no_burst_is_shorter_than_the_shortest_unless_cut_by_the_end():
    for seed in range(50):
        active = draw_noise_bursts(make_generator(seed, "noise"), 300).any(axis=1)
        active[-BURST_STEPS[1] :] = False
        lengths = runs(active[: -2 * BURST_STEPS[1]])
        assert min(lengths[:-1], default=BURST_STEPS[0]) >= BURST_STEPS[0]


def test_a_burst_pushes_steadily_in_one_direction():
    offsets = draw_noise_bursts(make_generator(3, "noise"), 3000)
    pairs = offsets[1:], offsets[:-1]
    both = pairs[0].any(axis=1) & pairs[1].any(axis=1)
    assert np.mean(np.sum(pairs[0][both, :2] * pairs[1][both, :2], axis=1) > 0.0) > 0.9


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 400))
def test_bursts_are_finite_and_have_the_asked_shape(seed, steps):
    offsets = draw_noise_bursts(make_generator(seed, "noise"), steps)
    assert offsets.shape == (steps, 3)
    assert np.isfinite(offsets).all()


def test_expert_share_0_and_1_are_never_and_always():
    assert not draw_expert_mask(make_generator(1, "mix"), 95, 0.0).any()
    assert draw_expert_mask(make_generator(1, "mix"), 95, 1.0).all()


def test_one_driver_keeps_the_wheel_for_a_whole_segment():
    drives = draw_expert_mask(make_generator(1, "mix"), 205, 0.5)
    assert len(drives) == 205
    assert all(len(set(drives[at : at + SEGMENT_STEPS])) == 1 for at in range(0, 205, SEGMENT_STEPS))
    assert len(set(drives)) == 2
