"""The ways in which offline errors have been published: of which axes, in which unit, over which frames.

Published figures differ in all three, often without saying so; a figure can only be set beside one of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scenarios.common.seeding import make_generator
from scenarios.robot import ACTION_SCALE
from sim.results.offline_score import Convention

AXIS_COUNTS = {"2d": 2, "3d": 3}
"""Name -> how many of vx, vy, wz count."""

UNIT_SCALES = {"action": 1.0, "raw": ACTION_SCALE, "halved": ACTION_SCALE / 2.0}
"""Name -> what an action of 1.0 is in it: here 1; m/s and rad/s; and half of that, as some data sets were scaled."""

SAMPLED_EPISODES = (
    15  # frames that the published figures of random and of middle frames rest on, one each of as many episodes
)


def select_every_frame(lengths: Sequence[int]) -> list[np.ndarray]:
    return [np.arange(length) for length in lengths]


def select_first_frames(lengths: Sequence[int]) -> list[np.ndarray]:
    return [np.zeros(1, np.int64) for _ in lengths]


def select_random_frames(lengths: Sequence[int]) -> list[np.ndarray]:
    """One frame of each sampled episode, any but its first: no two policies see others of the same data set."""
    rng = make_generator(0, "random frames")
    return [np.array([rng.integers(1, length)]) if drawn else _NO_FRAMES for length, drawn in _sample_episodes(lengths)]


def select_middle_frames(lengths: Sequence[int]) -> list[np.ndarray]:
    return [np.array([length // 2]) if drawn else _NO_FRAMES for length, drawn in _sample_episodes(lengths)]


_NO_FRAMES = np.zeros(0, np.int64)


def _sample_episodes(lengths: Sequence[int]) -> list[tuple[int, bool]]:
    """Each length, and whether its episode is one of the ``SAMPLED_EPISODES``; one of a single frame never is."""
    able = [number for number, length in enumerate(lengths) if length > 1]
    order = make_generator(0, "sampled episodes").permutation(len(able))[:SAMPLED_EPISODES]
    drawn = {able[place] for place in order}
    return [(length, number in drawn) for number, length in enumerate(lengths)]


FRAME_SELECTORS: dict[str, Callable[[Sequence[int]], list[np.ndarray]]] = {
    "all": select_every_frame,
    "first": select_first_frames,
    "random": select_random_frames,
    "middle": select_middle_frames,
}
"""Name -> which frames of each episode count, from the episodes' lengths; an episode may have none."""

DEFAULT_CONVENTION = Convention("3d", "action", "all")  # what this project calls the MAE
CONVENTIONS = (
    *(Convention(axes, "action", "all") for axes in AXIS_COUNTS),
    *(
        Convention(axes, unit, frames)
        for axes in AXIS_COUNTS
        for unit in ("raw", "halved")
        for frames in FRAME_SELECTORS
    ),
)


def select_frames(episodes: Sequence[np.ndarray], axes: str, frames: str) -> list[np.ndarray]:
    """The rows and columns that count, of those episodes that have any.

    Args:
        episodes: (t, 3) each.
        axes: One of ``AXIS_COUNTS``.
        frames: One of ``FRAME_SELECTORS``.
    """
    picks = FRAME_SELECTORS[frames]([len(episode) for episode in episodes])
    return [episode[rows, : AXIS_COUNTS[axes]] for episode, rows in zip(episodes, picks, strict=True) if len(rows)]
