"""When a policy is called on recorded frames, by the clock of the recording."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

_WHOLE = 1e-3  # frames by which a period may differ from a whole number of them
_ROUNDING = 1e-6  # of a frame


class CallSchedule(NamedTuple):
    """The calls of a policy on an episode."""

    seen: np.ndarray
    """(k,) number of the frame that each call sees: the latest at its time, ascending."""
    held_from: np.ndarray
    """(k,) number of the first frame that its action is given for; it is held until the next one's."""


def frames_per_period(period_s: float, fps: float) -> float:
    """Return the recorded frames in a policy's period; at least 1, as a faster policy is called at every frame."""
    frames = period_s * fps
    if frames <= 1.0 or abs(frames - round(frames)) <= _WHOLE:
        return float(max(1, round(frames)))
    return frames


def schedule_calls(frames_each: float, length: int) -> CallSchedule:
    """Schedule the calls on an episode of ``length`` frames, one every ``frames_each`` frames.

    Between two frames a policy sees the earlier one, and its action is given for the frames from then on.
    """
    due = np.arange(math.ceil(length / frames_each) + 1) * frames_each  # in frames
    seen = np.floor(due + _ROUNDING).astype(np.int64)
    held_from = np.ceil(due - _ROUNDING).astype(np.int64)
    return CallSchedule(seen[held_from < length], held_from[held_from < length])
