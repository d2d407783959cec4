from __future__ import annotations

import numpy as np
import pytest

from policies.dataset.frame_size import MAX_PIXELS, is_too_large, resize_frame


def test_a_frame_of_the_right_size_is_returned_as_it_is() -> None:
    frame = np.zeros((4, 6, 3), np.uint8)
    assert resize_frame(frame, (4, 6)) is frame


def test_shrinking_averages_areas() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    means = frame.reshape(4, 2, 4, 3, 3).mean(axis=(1, 3))
    assert np.abs(resize_frame(frame, (4, 4)) - means).max() <= 1.0  # rounded by row, then by column


@pytest.mark.parametrize("size", [(3, 5), (20, 30), (4, 30)])
def test_every_size_can_be_made_and_keeps_one_colour(size: tuple[int, int]) -> None:
    frame = np.full((7, 9, 3), (10, 120, 250), np.uint8)
    resized = resize_frame(frame, size)
    assert (resized.shape, resized.dtype) == ((*size, 3), np.uint8)
    assert (resized == (10, 120, 250)).all()


def test_frames_up_to_4k_can_be_read() -> None:
    assert not is_too_large((2160, 3840))
    assert is_too_large((4096, 4096))
    assert MAX_PIXELS > 8e6
