"""Laws of the error on validation data."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.train.data.frame_store import EpisodeFrames, FrameStore
from policies.train.tasks.validation import average_errors, gather_planes, validate_episodes


def make_store(*lengths: int) -> FrameStore:
    """A store whose frames and actions tell their own row."""
    count = sum(lengths)
    starts = np.cumsum((0, *lengths))
    episodes = tuple(
        EpisodeFrames(int(start), length, f"{length} steps", None, ())
        for start, length in zip(starts, lengths, strict=False)
    )
    rows = np.arange(count)
    pixels = np.zeros((count, 2, 4, 3), np.uint8)
    pixels[:, 1, 3, 2] = rows
    return FrameStore(pixels, np.zeros((count, 6), np.float32), np.tile(rows[:, None], 3).astype(np.float32), episodes)


def test_every_episode_of_every_store_is_predicted_once_as_a_whole() -> None:
    stores, seen = [make_store(2, 3), make_store(4)], []

    def predict(store: FrameStore, rows: slice, instruction: str) -> np.ndarray:
        assert torch.is_inference_mode_enabled()
        seen.append((store is stores[0], rows, instruction))
        return store.actions[rows]

    assert validate_episodes(stores, predict) == [0.0, 0.0, 0.0]
    assert seen == [
        *((True, slice(0, 2), "2 steps"), (True, slice(2, 5), "3 steps")),
        (False, slice(0, 4), "4 steps"),
    ]


def test_every_frame_counts_alike_and_every_axis_for_itself() -> None:
    one, other = np.zeros((1, 3)), np.zeros((3, 3))
    far = np.array([[4.0, 0.0, -2.0]])
    assert average_errors([(far, one), (other, other)]) == pytest.approx([1.0, 0.0, 0.5])


def test_without_episodes_there_is_no_error() -> None:
    assert validate_episodes([], lambda *_: np.zeros((0, 3))) == []


def test_planes_hold_the_pixels_of_their_rows_with_the_channels_first() -> None:
    planes = gather_planes(make_store(5), slice(1, 4), torch.device("cpu"))
    assert planes.shape == (3, 3, 2, 4)
    assert planes.dtype == torch.float32
    assert planes[:, 2, 1, 3].tolist() == [1.0, 2.0, 3.0]
