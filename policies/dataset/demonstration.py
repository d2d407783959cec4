"""What one demonstration holds, and what of it is known without decoding its video."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STATE_SIZE = 6  # vx, vy, wz in the body frame; odometry x, y, yaw


@dataclass(frozen=True)
class SceneRef:
    """Enough to rebuild the world that an episode was driven in.

    Attributes:
        scenario: A family; of a scenario of one's own its name where it is written, where it is read the path of the
            file that the data set keeps of it.
    """

    scenario: str
    suite_seed: int
    episode: int


@dataclass(frozen=True)
class SeenObject:
    """One thing in a frame.

    Attributes:
        phrase: What a person would call it, e.g. ``"blue box"``.
        box: (x0, y0, x1, y1) in [0, 1] of the image's width and height, origin at the top left.
    """

    phrase: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class FrameCaption:
    """What is seen in frame number ``frame`` of an episode (0 is the first)."""

    frame: int
    objects: tuple[SeenObject, ...]


@dataclass(frozen=True)
class EpisodeInfo:
    """An episode without its frames.

    Attributes:
        length: Number of frames.
        instruction: What the robot was asked to do.
        scene: The world it was driven in; None in data sets that were recorded elsewhere.
        success: Whether the task was done; None where the data set doesn't say.
        source: Who drove, e.g. ``"expert"``; ``"unknown"`` where the data set doesn't say.
    """

    length: int
    instruction: str
    scene: SceneRef | None
    success: bool | None
    source: str


@dataclass(frozen=True)
class Demonstration:
    """One driven episode: what was seen, what was known, what to do about it.

    Attributes:
        scene: The world it was driven in; None in data sets that were recorded elsewhere.
        instruction: What the robot was asked to do.
        success: Whether the task was done; None where the data set doesn't say.
        source: Who drove: ``"expert"``, ``"hybrid"``, ...
        pixels: (t, H, W, 3) uint8, RGB; frame k is what was seen before action k.
        agent_pos: (t, 6) float32: vx, vy (m/s), wz (rad/s) in the body frame; odometry x, y (m), yaw (rad).
        actions: (t, 3) float32, what to imitate: the expert's answer in that state.
        executed: (t, 3) float32, what was sent to the robot; differs in noise bursts and on-policy data.
        captions: What is seen, for some of the frames, in ascending order of frame.
    """

    scene: SceneRef | None
    instruction: str
    success: bool | None
    source: str
    pixels: np.ndarray
    agent_pos: np.ndarray
    actions: np.ndarray
    executed: np.ndarray
    captions: tuple[FrameCaption, ...] = ()

    @property
    def length(self) -> int:
        """Number of frames."""
        return len(self.actions)
