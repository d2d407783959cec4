"""Conventions of published offline errors: their axes, unit and frames.

Published figures differ in all three, often without saying so; only figures of the same convention are comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scenarios.common.seeding import make_generator
from scenarios.robot import ACTION_SCALE, AXIS_NAMES
from sim.results.summary.offline_score import Convention

AXIS_COUNTS = {"2d": 2, "3d": 3}
"""Name -> number of axes that count, in the order vx, vy, wz."""

UNIT_SCALES = {"action": 1.0, "raw": ACTION_SCALE, "halved": ACTION_SCALE / 2.0}
"""Name -> value of an action of 1.0 in this unit: 1; m/s and rad/s; half of that, as some data sets are scaled."""

# Published figures of random and of middle frames use this many frames, one per episode.
SAMPLED_EPISODES = 15


def select_every_frame(lengths: Sequence[int]) -> list[np.ndarray]:
    """Select every frame of each episode."""
    return [np.arange(length) for length in lengths]


def select_first_frames(lengths: Sequence[int]) -> list[np.ndarray]:
    """Select the first frame of each episode."""
    return [np.zeros(1, np.int64) for _ in lengths]


def select_random_frames(lengths: Sequence[int]) -> list[np.ndarray]:
    """Select one frame of each sampled episode, any but its first; the same ones for every policy."""
    rng = make_generator(0, "random frames")
    return [
        np.array([rng.integers(1, length)]) if sampled else _NO_FRAMES for length, sampled in _sample_episodes(lengths)
    ]


def select_middle_frames(lengths: Sequence[int]) -> list[np.ndarray]:
    """Select the middle frame of each sampled episode."""
    return [np.array([length // 2]) if sampled else _NO_FRAMES for length, sampled in _sample_episodes(lengths)]


_NO_FRAMES = np.zeros(0, np.int64)


def _sample_episodes(lengths: Sequence[int]) -> list[tuple[int, bool]]:
    """Each length, and whether its episode is one of the ``SAMPLED_EPISODES``; episodes of a single frame never are."""
    able = [number for number, length in enumerate(lengths) if length > 1]
    order = make_generator(0, "sampled episodes").permutation(len(able))[:SAMPLED_EPISODES]
    sampled = {able[place] for place in order}
    return [(length, number in sampled) for number, length in enumerate(lengths)]


FRAME_SELECTORS: dict[str, Callable[[Sequence[int]], list[np.ndarray]]] = {
    "all": select_every_frame,
    "first": select_first_frames,
    "random": select_random_frames,
    "middle": select_middle_frames,
}
"""Name -> selector of the frames that count, given the episodes' lengths; an episode may have none."""

DEFAULT_CONVENTION = Convention("3d", "action", "all")  # the MAE of this project
CONVENTIONS = (
    *(Convention(axes, "action", "all") for axes in AXIS_COUNTS),
    *(
        Convention(axes, unit, frames)
        for axes in AXIS_COUNTS
        for unit in ("raw", "halved")
        for frames in FRAME_SELECTORS
    ),
)


def select_frames(
    episodes: Sequence[np.ndarray], axes: str, frames: str, recorded: Sequence[str] = AXIS_NAMES
) -> list[np.ndarray]:
    """Select the rows and columns that count, from the episodes that have any.

    Args:
        episodes: (t, axes) each.
        axes: One of ``AXIS_COUNTS``.
        frames: One of ``FRAME_SELECTORS``.
        recorded: The axes of the episodes, in order; those that are missing don't count.
    """
    picks = FRAME_SELECTORS[frames]([len(episode) for episode in episodes])
    columns = sum(axis in recorded for axis in AXIS_NAMES[: AXIS_COUNTS[axes]])
    return [episode[rows, :columns] for episode, rows in zip(episodes, picks, strict=True) if len(rows)]
