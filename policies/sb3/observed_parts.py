"""What a model of Stable-Baselines3 observes: frames, state or both, one after the other or several at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from policies.policy import ObservationBatch
from scenarios.common.errors import InputError

PIXELS, STATE = "pixels", "agent_pos"  # the keys of our environments' observations
STATE_COLUMNS, CHANNELS = 6, 3


class ArraySpace(NamedTuple):
    """Shape and number format of one part of an observation."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class ObservedParts:
    """The parts of an observation.

    Attributes:
        keys: ``PIXELS``, ``STATE`` or both, in the order in which the network joins them.
        image_size: (height, width) of the frames; None without frames.
        frames: Number of observations that are stacked, as ``VecFrameStack`` does.
        is_dict: Whether the model takes a dictionary of the parts, or the only part itself.
    """

    keys: tuple[str, ...]
    image_size: tuple[int, int] | None
    frames: int = 1
    is_dict: bool = True


def describe_parts(spaces: Mapping[str, ArraySpace], where: str) -> ObservedParts:
    """Describe the parts of a dictionary's spaces; frames are (channels, h, w), or (h, w, channels).

    Args:
        spaces: By key, in order.
        where: Begins an error's sentence.

    Raises:
        InputError: Our environments give no such observation.
    """
    unknown = [key for key in spaces if key not in (PIXELS, STATE)]
    if unknown or not spaces:
        raise InputError(
            f"{where} observes '{unknown[0] if unknown else ''}', which the environment doesn't give: it gives "
            f"'{PIXELS}' and '{STATE}'"
        )
    image_size, stacked = None, set()
    if PIXELS in spaces:
        image_size, frames = _describe_frames(spaces[PIXELS], where)
        stacked.add(frames)
    if STATE in spaces:
        shape = spaces[STATE].shape
        if len(shape) != 1 or shape[0] % STATE_COLUMNS or not shape[0]:
            raise InputError(f"{where} observes a state of the shape {shape}: the environment's is ({STATE_COLUMNS},)")
        stacked.add(shape[0] // STATE_COLUMNS)
    if len(stacked) != 1:
        raise InputError(f"{where} observes different numbers of frames and states at a time: {sorted(stacked)}")
    return ObservedParts(tuple(spaces), image_size, stacked.pop())


def _describe_frames(space: ArraySpace, where: str) -> tuple[tuple[int, int], int]:
    """Return height and width of a frame, and the number of frames."""
    if len(space.shape) == 3 and space.dtype == "uint8":
        first, middle, last = space.shape
        if first % CHANNELS == 0 and first < last:
            return (middle, last), first // CHANNELS
        if last % CHANNELS == 0:
            return (first, middle), last // CHANNELS
    raise InputError(
        f"{where} observes frames of the shape {space.shape} and type {space.dtype}: the environment's are RGB of any "
        "size, uint8"
    )


class ObservationStack:
    """The latest observations of every slot, joined as ``VecFrameStack`` does: zeros where there was none yet."""

    def __init__(self, parts: ObservedParts) -> None:
        self._parts = parts
        self._kept: dict[str, np.ndarray] = {}
        self._fresh: set[int] = set()

    def begin(self, slots: Iterable[int]) -> None:
        """Forget the observations of these slots."""
        self._fresh.update(slots)

    def add(self, batch: ObservationBatch) -> dict[str, np.ndarray]:
        """Add a batch's observations; return frames (n, h, w, 3 k) and states (n, 6 k) by key, the latest last.

        Raises:
            ValueError: The batch has no frames, but they are observed.
        """
        found = {PIXELS: batch.pixels, STATE: batch.agent_pos}
        joined = {key: self._push(key, found[key]) for key in self._parts.keys}
        self._fresh.clear()
        return joined

    def _push(self, key: str, values: np.ndarray | None) -> np.ndarray:
        if values is None:
            raise ValueError(f"this policy takes frames: a batch for it needs '{key}'")
        frames, width = self._parts.frames, values.shape[-1]
        if frames == 1:
            return values
        shape = (*values.shape[:-1], width * frames)
        kept = self._kept.get(key)
        if kept is None or kept.shape != shape:
            kept = np.zeros(shape, values.dtype)
        kept[[slot for slot in self._fresh if slot < len(kept)]] = 0
        self._kept[key] = np.concatenate([kept[..., width:], values], axis=-1)
        return self._kept[key]
