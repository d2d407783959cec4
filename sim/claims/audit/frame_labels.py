"""The labels that an offline error is computed on, axis by axis, for each choice of frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from policies.dataset.episodes import open_dataset
from scenarios.robot import ACTION_SCALE, AXIS_NAMES
from sim.offline.baselines import repeat_previous_action

ALL, WITHOUT_FIRST, FIRST, MIDDLE = "all", "without-first", "first", "middle"
FRAMES = (ALL, WITHOUT_FIRST, FIRST, MIDDLE)
KEY_SPEED = 1.15  # m/s, of the published recordings: a pressed key
EPISODE_FRAMES = 18
STILL_X, STILL_Y, MEAN_Y = 0.232, 0.536, 0.072  # shares of labels that are 0, and the mean, as published
STATED_TO = 0.001  # the published statistics are rounded: figures that follow from them are known to this


class AxisValues(NamedTuple):
    """Values on one axis, with the share of frames that have each."""

    values: np.ndarray  # (k,)
    shares: np.ndarray  # (k,), sum 1

    @property
    def mean(self) -> float:
        """Mean over the frames."""
        return float(self.values @ self.shares)

    @property
    def median(self) -> float:
        """Median over the frames; of two, the lower."""
        order = np.argsort(self.values)
        place = int(np.searchsorted(np.cumsum(self.shares[order]), 0.5 - 1e-12))
        return float(self.values[order][place])


@dataclass(frozen=True)
class FrameLabels:
    """The labels of some frames of a data set, in m/s and rad/s.

    Attributes:
        frames: Which frames: a name in ``FRAMES``.
        axes: Labels on each axis that they have, by its name: vx, vy, wz.
        changes: Labels minus those of the frame before, likewise; None where only statistics are known.
        known_to: How far a figure that follows from them may be off.
    """

    frames: str
    axes: Mapping[str, AxisValues]
    changes: Mapping[str, AxisValues] | None = None
    known_to: float = 0.0


def published_labels() -> tuple[FrameLabels, ...]:
    """Return the labels of the published recordings, by their statistics.

    1296 frames of 72 episodes, driven by keys: each value is -1.15, 0 or 1.15, yaw is always 0, and so is the whole
    first label of each of the episodes. vx is never negative, as its share of zeros and its mean say.
    """
    first = 1.0 / EPISODE_FRAMES
    ahead = 1.0 - STILL_X
    left = (1.0 - STILL_Y + MEAN_Y / KEY_SPEED) / 2.0
    right = 1.0 - STILL_Y - left
    keys = np.array([-KEY_SPEED, 0.0, KEY_SPEED])
    shares = np.array([[0.0, STILL_X, ahead], [right, STILL_Y, left], [0.0, 1.0, 0.0]])
    still = np.array([0.0, 1.0, 0.0])
    return tuple(
        FrameLabels(frames, _name_axes([AxisValues(keys, row) for row in rows]), known_to=known_to)
        for frames, rows, known_to in (
            (ALL, shares, STATED_TO),
            (WITHOUT_FIRST, (shares - first * still) / (1.0 - first), STATED_TO),
            (FIRST, np.tile(still, (3, 1)), 0.0),
        )
    )


def dataset_labels(folder: Path, mapping: Path | None = None) -> tuple[FrameLabels, ...]:
    """Read the labels of a data set.

    Raises:
        InputError: It can't be read.
    """
    recording = open_dataset(folder, mapping)
    try:
        signals = (recording.signals(number) for number in range(len(recording)))
        episodes = [each.actions.astype(np.float64) * ACTION_SCALE for each in signals if each.length]
        names = recording.mapping.axes
    finally:
        recording.close()
    return select_frames(episodes, names)


def select_frames(episodes: list[np.ndarray], names: Sequence[str] = AXIS_NAMES) -> tuple[FrameLabels, ...]:
    """Return the labels of each choice of frames that some episode (t, 3) has.

    The middle frames of an episode are its second third.

    Args:
        episodes: Labels in m/s and rad/s.
        names: The axes that the data set has; the others of the labels are no labels.
    """
    before = repeat_previous_action(episodes)
    changes = [labels - previous for labels, previous in zip(episodes, before, strict=True)]
    parts = {
        ALL: slice(None),
        WITHOUT_FIRST: slice(1, None),
        FIRST: slice(0, 1),
        MIDDLE: None,
    }
    found = []
    for frames, part in parts.items():
        slices = [part or slice(len(labels) // 3, 2 * len(labels) // 3) for labels in episodes]
        chosen = np.concatenate([labels[each] for labels, each in zip(episodes, slices, strict=True)])
        moved = np.concatenate([labels[each] for labels, each in zip(changes, slices, strict=True)])
        if len(chosen):
            found.append(FrameLabels(frames, _count_values(chosen, names), _count_values(moved, names)))
    return tuple(found)


def _count_values(labels: np.ndarray, names: Sequence[str]) -> dict[str, AxisValues]:
    """Count the values (n, 3) of each axis that is there."""
    counted = (np.unique(column, return_counts=True) for column in labels.T)
    every = _name_axes([AxisValues(values, counts / len(labels)) for values, counts in counted])
    return {name: every[name] for name in names}


def _name_axes(axes: Sequence[AxisValues]) -> dict[str, AxisValues]:
    return dict(zip(AXIS_NAMES, axes, strict=True))
