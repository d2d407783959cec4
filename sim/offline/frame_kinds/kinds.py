"""Kinds of recorded frames: where the demonstrator was disturbed, turned, or passed close to an obstacle.

Each kind is told from what the recording contains. One that needs a column which the data set lacks isn't told at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from scenarios.robot import AXIS_NAMES

AFTER_BURST_S = 1.0
TURNING_WZ = 0.2  # label above which a frame counts as turning, in units of the action
STRAIGHT_WZ = 0.1  # label up to which a frame counts as straight, in units of the action
NEAR_M = 0.3  # clearance below which a frame counts as near


class RecordedFrames(NamedTuple):
    """What tells the kinds of an episode's frames."""

    labels: np.ndarray  # (t, axes) in [-1, 1]
    fps: float
    noise_burst: np.ndarray | None  # (t,) bool; None: not recorded
    clearance_m: np.ndarray | None  # (t,); None: not recorded
    axes: tuple[str, ...] = AXIS_NAMES  # of the labels


class FrameKind(NamedTuple):
    """A kind of frame."""

    description: str
    select: Callable[[RecordedFrames], np.ndarray | None]
    """Returns which frames (t,) are of this kind; None if the recording doesn't tell."""


def select_burst(frames: RecordedFrames) -> np.ndarray | None:
    """Select the frames whose executed action carried a burst of noise; their label is the expert's action."""
    return frames.noise_burst


def select_after_burst(frames: RecordedFrames) -> np.ndarray | None:
    """Select the frames of the second that follows a burst, up to the next one."""
    burst = frames.noise_burst
    if burst is None:
        return None
    reach = round(AFTER_BURST_S * frames.fps)
    recent = np.zeros_like(burst)
    for delay in range(1, min(reach, len(burst) - 1) + 1):
        recent[delay:] |= burst[:-delay]
    return recent & ~burst


def select_nominal(frames: RecordedFrames) -> np.ndarray | None:
    """Select the frames that are neither in a burst nor in the second after one."""
    burst, after = select_burst(frames), select_after_burst(frames)
    return None if burst is None or after is None else ~burst & ~after


def select_turning(frames: RecordedFrames) -> np.ndarray | None:
    """Select the frames whose label turns the robot."""
    turn = _turn_rate(frames)
    return None if turn is None else turn > TURNING_WZ


def select_straight(frames: RecordedFrames) -> np.ndarray | None:
    """Select the frames whose label hardly turns the robot."""
    turn = _turn_rate(frames)
    return None if turn is None else turn <= STRAIGHT_WZ


def _turn_rate(frames: RecordedFrames) -> np.ndarray | None:
    """The labels' |wz| (t,); None if it isn't recorded."""
    return np.abs(frames.labels[:, frames.axes.index("wz")]) if "wz" in frames.axes else None


def select_near(frames: RecordedFrames) -> np.ndarray | None:
    """Select the frames in which the robot's hull is close to an obstacle."""
    return None if frames.clearance_m is None else frames.clearance_m < NEAR_M


FRAME_KINDS: dict[str, FrameKind] = {
    "burst": FrameKind("the recorder adds a burst of noise to the executed action", select_burst),
    "after-burst": FrameKind(f"the {AFTER_BURST_S:g} s after a burst", select_after_burst),
    "nominal": FrameKind("neither of these", select_nominal),
    "turning": FrameKind(f"the label's |wz| is above {TURNING_WZ:g}", select_turning),
    "straight": FrameKind(f"the label's |wz| is {STRAIGHT_WZ:g} or less", select_straight),
    "near": FrameKind(f"the robot's hull is within {NEAR_M:g} m of an obstacle", select_near),
}
"""Name -> kind of frame. The first three divide all frames; the others overlap with them."""


def select_kind(kind: str, episodes: Sequence[RecordedFrames]) -> list[np.ndarray] | None:
    """Return which frames (t,) of each episode are of a kind; None if one of the episodes doesn't tell."""
    masks = [FRAME_KINDS[kind].select(frames) for frames in episodes]
    known = [mask for mask in masks if mask is not None]
    return known if len(known) == len(masks) else None
