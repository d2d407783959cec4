"""The last few frames before each frame, for heads that look at a window and forget what is older."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn import functional as F


class FrameWindows(NamedTuple):
    """One window for each frame, b * t in all; the frame itself stands last."""

    frames: torch.Tensor  # (b * t, window, features), oldest first; zeros before an episode's first frame
    seen: torch.Tensor  # (b * t, window) bool: a frame stands here
    history: torch.Tensor  # (b, window - 1, features + 1): what the next call needs


def history_shape(window: int, features: int) -> tuple[int, int]:
    """Of one sample's history: all frames of a window but the present, and a last channel that is 1 where one stands.

    All zeros is therefore the history of an episode that has not begun.
    """
    return window - 1, features + 1


def build_windows(features: torch.Tensor, history: torch.Tensor) -> FrameWindows:
    """The window of every frame in features (b, t, features), after a history (b, window - 1, features + 1)."""
    frames = torch.cat([history, F.pad(features, (0, 1), value=1.0)], dim=1)  # (b, window - 1 + t, features + 1)
    unfolded = frames.unfold(1, history.shape[1] + 1, 1)  # (b, t, features + 1, window)
    found = unfolded.flatten(0, 1).transpose(1, 2)
    return FrameWindows(found[..., :-1], found[..., -1] > 0.5, frames[:, features.shape[1] :])
