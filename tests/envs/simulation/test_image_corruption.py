"""Frames arrive blurred, noisy or late by the amounts that were asked for, and equally so in every run."""

from __future__ import annotations

import numpy as np
import pytest

from envs.simulation.image_corruption import ImageCorruptor
from scenarios.world import ImageCorruption


def _frames(count: int) -> np.ndarray:
    """(count, 32, 32, 3) frames, each of one grey of its own with a white dot."""
    frames = np.empty((count, 32, 32, 3), np.uint8)
    frames[:] = (40 + np.arange(count) % 150)[:, None, None, None]
    frames[:, 16, 16] = 255
    return frames


def test_undisturbed_frames_pass_as_they_are() -> None:
    frame, faults = _frames(1)[0], ImageCorruptor(ImageCorruption(seed=5))
    assert faults.apply(frame) is frame


@pytest.mark.parametrize("noise", [0.02, 0.08, 0.15])
def test_noise_has_its_standard_deviation_and_no_bias(noise: float) -> None:
    frame = np.full((96, 96, 3), 128, np.uint8)
    change = ImageCorruptor(ImageCorruption(noise=noise, seed=1)).apply(frame).astype(float) - 128.0
    assert change.std() == pytest.approx(np.hypot(255.0 * noise, np.sqrt(1 / 12)), rel=0.03)  # rounding adds 1/12
    assert abs(change.mean()) < 4 * 255.0 * noise / np.sqrt(change.size)
    assert np.corrcoef(change[..., 0].ravel(), change[..., 1].ravel())[0, 1] == pytest.approx(0.0, abs=0.05)


def test_noise_is_another_in_each_frame() -> None:
    frame, faults = np.full((8, 8, 3), 128, np.uint8), ImageCorruptor(ImageCorruption(noise=0.1))
    assert not np.array_equal(faults.apply(frame), faults.apply(frame))


def test_noise_stops_at_black_and_white() -> None:
    for grey in (0, 255):
        change = (
            ImageCorruptor(ImageCorruption(noise=0.1)).apply(np.full((64, 64, 3), grey, np.uint8)).astype(int) - grey
        )
        assert np.mean(change == 0) > 0.45  # half of the noise points outwards; wrapped values would stand far off
        assert np.abs(change).max() < 255 * 0.1 * 6


@pytest.mark.parametrize("blur_px", [0.7, 1.5, 2.5])
def test_blur_spreads_a_dot_by_its_standard_deviation_and_loses_no_light(blur_px: float) -> None:
    frame = np.zeros((41, 41, 3), np.uint8)
    frame[18:23, 18:23, 1] = 255  # a patch, whose spread adds to the blur's
    patch = ImageCorruptor(ImageCorruption(blur_px=blur_px)).apply(frame)[..., 1].astype(float)
    offset = np.arange(41) - 20.0
    variance = float((patch.sum(0) * offset**2).sum() / patch.sum())
    assert variance == pytest.approx(blur_px**2 + 2.0, rel=0.06)  # five pixels beside each other have variance 2
    assert patch.sum() == pytest.approx(25 * 255, rel=0.02)


def test_blur_leaves_channels_apart_and_flat_pictures_flat() -> None:
    frame = np.zeros((32, 32, 3), np.uint8)
    frame[..., 0] = 200
    assert np.array_equal(ImageCorruptor(ImageCorruption(blur_px=2.0)).apply(frame), frame)


@pytest.mark.parametrize("drop", [0.05, 0.3])
def test_a_lost_frame_shows_what_arrived_before_and_as_many_are_lost_as_asked(drop: float) -> None:
    faults, sent = ImageCorruptor(ImageCorruption(drop=drop, seed=3)), _frames(150)
    lost, before = 0, sent[0]
    for _ in range(10):
        for frame in sent:
            arrived = faults.apply(frame)
            late = not np.array_equal(arrived, frame)
            assert not late or np.array_equal(arrived, before)
            lost, before = lost + late, arrived.copy()
    assert lost / 1500 == pytest.approx(drop, abs=4 * np.sqrt(drop * (1 - drop) / 1500))


def test_the_first_frame_always_arrives() -> None:
    frames = _frames(2)
    for seed in range(30):
        faults = ImageCorruptor(ImageCorruption(drop=0.95, seed=seed))
        for _ in range(2):
            assert np.array_equal(faults.apply(frames[0]), frames[0])
            faults.apply(frames[1])
            faults.reset()


def test_a_lost_frame_repeats_the_disturbed_one_even_if_its_receiver_wrote_on_it() -> None:
    faults, frame = ImageCorruptor(ImageCorruption(noise=0.1, drop=0.9, seed=2)), _frames(1)[0]
    first = faults.apply(frame)
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(faults.apply(frame), kept)


def test_a_seed_gives_the_same_faults_again_and_another_seed_others() -> None:
    faults, other = (ImageCorruptor(ImageCorruption(0.05, 1.0, 0.3, seed)) for seed in (7, 8))
    sent = _frames(12)
    once = [faults.apply(frame) for frame in sent]
    faults.reset()
    assert all(np.array_equal(faults.apply(frame), before) for frame, before in zip(sent, once, strict=True))
    assert not all(np.array_equal(other.apply(frame), before) for frame, before in zip(sent, once, strict=True))


def test_more_loss_keeps_the_losses_of_less() -> None:
    sent = _frames(100)
    late = []
    for drop in (0.05, 0.15, 0.3):
        faults = ImageCorruptor(ImageCorruption(drop=drop, seed=4))
        late.append({n for n, frame in enumerate(sent) if not np.array_equal(faults.apply(frame), frame)})
    assert late[0] < late[1] < late[2]


def test_the_frame_that_was_taken_is_left_as_it_was() -> None:
    frame = _frames(1)[0]
    before = frame.copy()
    ImageCorruptor(ImageCorruption(0.1, 1.0, 0.5)).apply(frame)
    assert np.array_equal(frame, before)
