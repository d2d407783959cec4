"""Frames of several recorded episodes side by side, read as a policy needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from policies.dataset.episodes import EpisodeDataset
from policies.dataset.frame_size import resize_frame
from scenarios.common.errors import InputError


class UnreadableFramesError(InputError):
    """A recorded frame can't be read, which is no error of the policy that it was read for."""


class FrameFeed:
    """The frames of some episodes at the same times, one frame of each in memory.

    Args:
        recording: The data set.
        numbers: The episodes.
        lengths: Their numbers of frames.
        seen: (k,) ascending numbers of the frames that are needed.
        size: (height, width) to resize frames to.
    """

    def __init__(
        self,
        recording: EpisodeDataset,
        numbers: Sequence[int],
        lengths: Sequence[int],
        seen: np.ndarray,
        size: tuple[int, int],
    ) -> None:
        self._lasts = [length - 1 for length in lengths]
        # A finished episode repeats its last frame, as in closed loop.
        wanted = [sorted({*seen[seen < last].tolist(), last}) for last in self._lasts]
        self._streams: list[Iterator[np.ndarray]] = [
            iter(recording.frames(number, frames)) for number, frames in zip(numbers, wanted, strict=True)
        ]
        self._size = size
        self._reached = [-1] * len(numbers)
        self._frames: list[np.ndarray] = [np.empty(0)] * len(numbers)
        self.resized_from: set[tuple[int, int]] = set()
        """(height, width) of the frames that were resized so far."""

    def read(self, number: int) -> list[np.ndarray]:
        """Read frame ``number`` of every episode, (H, W, 3) uint8 each, or its last; numbers must ascend.

        Raises:
            UnreadableFramesError: A file is damaged.
        """
        for slot, last in enumerate(self._lasts):
            wanted = min(number, last)
            if wanted != self._reached[slot]:
                self._frames[slot] = self._next_frame(slot)
                self._reached[slot] = wanted
        return self._frames

    def _next_frame(self, slot: int) -> np.ndarray:
        try:
            frame = next(self._streams[slot])
        except InputError as error:
            raise UnreadableFramesError(str(error)) from error
        if frame.shape[:2] != self._size:
            self.resized_from.add((frame.shape[0], frame.shape[1]))
        return resize_frame(frame, self._size)
