"""A recorded episode with a policy's predictions: what most offline metrics are functions of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.robot import AXIS_NAMES


@dataclass(frozen=True, eq=False)
class PredictedEpisode:
    """The demonstrator's actions in a recorded episode and a policy's on its frames, in [-1, 1].

    Attributes:
        labels: (t, axes) the demonstrator's.
        predictions: (t, axes) the policy's.
        fps: Frames per second.
        axes: Names of the columns.
    """

    labels: np.ndarray
    predictions: np.ndarray
    fps: float
    axes: tuple[str, ...] = AXIS_NAMES

    def __post_init__(self) -> None:
        """Compute in double precision, whatever was recorded."""
        for name in ("labels", "predictions"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))

    @property
    def errors(self) -> np.ndarray:
        """(t, axes) prediction less label."""
        difference: np.ndarray = self.predictions - self.labels
        return difference

    @property
    def frame_errors(self) -> np.ndarray:
        """(t,) mean absolute error over the axes."""
        found: np.ndarray = np.abs(self.errors).mean(axis=1)
        return found

    def label(self, axis: str) -> np.ndarray:
        """Return the labels (t,) of an axis."""
        return self.labels[:, self.axes.index(axis)]

    def prediction(self, axis: str) -> np.ndarray:
        """Return the predictions (t,) of an axis."""
        return self.predictions[:, self.axes.index(axis)]

    def count_frames(self, seconds: float) -> int:
        """Return the number of frames in a time; at least one."""
        return max(1, round(seconds * self.fps))
