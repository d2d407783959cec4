"""Sliding windows of frames, for heads whose memory is a window."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn import functional as F


class FrameWindows(NamedTuple):
    """One window per frame, b * t in all; the frame itself is last."""

    frames: torch.Tensor  # (b * t, window, features), oldest first; zeros before an episode's first frame
    seen: torch.Tensor  # (b * t, window) bool: True where there is a frame
    history: torch.Tensor  # (b, window - 1, features + 1), for the next call


def history_shape(window: int, features: int) -> tuple[int, int]:
    """Return the shape of one sample's history: the window's earlier frames.

    The last channel is 1 where there is a frame, so the history of a new episode is all zeros.
    """
    return window - 1, features + 1


def build_windows(features: torch.Tensor, history: torch.Tensor) -> FrameWindows:
    """Build the window of every frame in features (b, t, features), given a history (b, window - 1, features + 1)."""
    frames = torch.cat([history, F.pad(features, (0, 1), value=1.0)], dim=1)  # (b, window - 1 + t, features + 1)
    unfolded = frames.unfold(1, history.shape[1] + 1, 1)  # (b, t, features + 1, window)
    found = unfolded.flatten(0, 1).transpose(1, 2)
    return FrameWindows(found[..., :-1], found[..., -1] > 0.5, frames[:, features.shape[1] :])
