"""A demonstration, and its parts: its description, its numbers, its frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

STATE_SIZE = 6  # vx, vy, wz in the body frame; odometry x, y, yaw


@dataclass(frozen=True)
class SceneRef:
    """A reference from which the world of an episode can be rebuilt.

    Attributes:
        scenario: The name of a scenario. Of a user's own scenario: its name when it is written, and the path of
            the data set's copy of its file when it is read.
        suite_seed: Seed of the suite.
        episode: Number of the episode in the suite.
    """

    scenario: str
    suite_seed: int
    episode: int


@dataclass(frozen=True)
class SeenObject:
    """An object in a frame.

    Attributes:
        phrase: Its name in plain words, e.g. ``"blue box"``.
        box: (x0, y0, x1, y1) in [0, 1] of the image's width and height, origin at the top left.
    """

    phrase: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class FrameCaption:
    """The objects in frame number ``frame`` of an episode (0 is the first)."""

    frame: int
    objects: tuple[SeenObject, ...]


@dataclass(frozen=True)
class EpisodeInfo:
    """The description of an episode, without its frames.

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
class DemonstrationSignals:
    """One recorded episode without its frames: states, actions and what is known of it.

    Attributes:
        scene: The world it was driven in; None in data sets that were recorded elsewhere.
        instruction: What the robot was asked to do.
        success: Whether the task was done; None where the data set doesn't say.
        source: Who drove: ``"expert"``, ``"hybrid"``, ...
        agent_pos: (t, 6) float32: vx, vy (m/s), wz (rad/s) in the body frame; odometry x, y (m), yaw (rad).
        actions: (t, 3) float32, the labels: the expert's action in that state.
        executed: (t, 3) float32, sent to the robot; differs from ``actions`` in noise bursts and on-policy data.
        captions: The objects in some of the frames, in ascending order of frame.
        noise_burst: (t,) bool, whether noise was added to the driver's action; None where the data set doesn't say.
        clearance_m: (t,) float32, from the robot's hull to the nearest obstacle in the frame; None where the data set
            doesn't say.
    """

    scene: SceneRef | None
    instruction: str
    success: bool | None
    source: str
    agent_pos: np.ndarray
    actions: np.ndarray
    executed: np.ndarray
    captions: tuple[FrameCaption, ...] = ()
    noise_burst: np.ndarray | None = None
    clearance_m: np.ndarray | None = None

    @property
    def length(self) -> int:
        """Number of frames."""
        return len(self.actions)

    def with_frames(self, frames: Iterable[np.ndarray]) -> Demonstration:
        """Return the demonstration with its frames, (H, W, 3) uint8 each, gathered in memory."""
        pixels = np.empty((0, 0, 0, 3), np.uint8)
        for number, frame in enumerate(frames):
            if number == 0:
                pixels = np.empty((self.length, *frame.shape), np.uint8)
            pixels[number] = frame
        return Demonstration(**vars(self), pixels=pixels)


@dataclass(frozen=True, kw_only=True)
class Demonstration(DemonstrationSignals):
    """One recorded episode with its frames.

    Attributes:
        pixels: (t, H, W, 3) uint8, RGB; frame k was taken before action k.
    """

    pixels: np.ndarray


@dataclass(frozen=True)
class DatasetNote:
    """Something about a data set that one should know beside its figures."""

    name: str
    """In a few words."""
    sentence: str
    """What it is and what follows."""
