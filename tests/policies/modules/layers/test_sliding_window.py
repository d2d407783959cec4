from __future__ import annotations

import torch

from policies.modules.layers.sliding_window import build_windows, history_shape


def test_each_frame_gets_the_window_that_ends_with_it() -> None:
    features = torch.arange(1.0, 5.0).view(1, 4, 1)
    found = build_windows(features, torch.zeros(1, *history_shape(3, 1)))
    assert found.frames[..., 0].tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert found.seen.tolist() == [[False, False, True], [False, True, True], [True] * 3, [True] * 3]


def test_history_is_the_window_without_its_oldest_frame() -> None:
    features = torch.arange(1.0, 5.0).view(1, 4, 1)
    found = build_windows(features, torch.zeros(1, *history_shape(3, 1)))
    assert found.history.tolist() == [[[3.0, 1.0], [4.0, 1.0]]]
    later = build_windows(torch.full((1, 1, 1), 5.0), found.history)
    assert later.frames[..., 0].tolist() == [[3, 4, 5]]


def test_windows_of_the_samples_come_one_sample_after_another() -> None:
    features = torch.tensor([[[1.0], [2.0]], [[3.0], [4.0]]])
    found = build_windows(features, torch.zeros(2, *history_shape(2, 1)))
    assert found.frames[..., 0].tolist() == [[0, 1], [1, 2], [0, 3], [3, 4]]


def test_a_frame_of_zeros_counts_as_seen() -> None:
    assert build_windows(torch.zeros(1, 2, 1), torch.zeros(1, *history_shape(2, 1))).seen.tolist() == [
        [False, True],
        [True] * 2,
    ]


def test_a_window_of_one_is_the_frame_alone() -> None:
    features = torch.randn(2, 3, 4)
    found = build_windows(features, torch.zeros(2, *history_shape(1, 4)))
    assert torch.equal(found.frames, features.view(6, 1, 4))
    assert found.history.shape == (2, 0, 5)
