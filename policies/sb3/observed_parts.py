"""What a model of Stable-Baselines3 observes: frames, state or both, one after the other or several at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from policies.policy import ObservationBatch
from policies.sb3.colour_prompt import add_likeness, find_colour
from scenarios.common.errors import InputError

PIXELS, STATE = "pixels", "agent_pos"  # the keys of our environments' observations
PROMPTED = "prompted_pixels"  # frames with a fourth channel, see ``colour_prompt``
STATE_COLUMNS = 6
CHANNELS = {PIXELS: 3, PROMPTED: 4}


class ArraySpace(NamedTuple):
    """Shape and number format of one part of an observation."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class ObservedParts:
    """The parts of an observation.

    Attributes:
        keys: ``STATE``, and ``PIXELS`` or ``PROMPTED``, or one of them, in the order in which the network joins them.
        image_size: (height, width) of the frames; None without frames.
        frames: Number of observations that are stacked, as ``VecFrameStack`` does.
        is_dict: Whether the model takes a dictionary of the parts, or the only part itself.
    """

    keys: tuple[str, ...]
    image_size: tuple[int, int] | None
    frames: int = 1
    is_dict: bool = True

    @property
    def image_key(self) -> str | None:
        """Key of the frames; None without frames."""
        return next((key for key in self.keys if key in CHANNELS), None)


def describe_parts(spaces: Mapping[str, ArraySpace], where: str) -> ObservedParts:
    """Describe the parts of a dictionary's spaces; frames are (channels, h, w), or (h, w, channels).

    Args:
        spaces: By key, in order.
        where: Begins an error's sentence.

    Raises:
        InputError: Our environments give no such observation.
    """
    unknown = [key for key in spaces if key not in (STATE, *CHANNELS)]
    if unknown or not spaces or spaces.keys() >= CHANNELS.keys():
        raise InputError(
            f"{where} observes '{unknown[0] if unknown else ''}', which the environment doesn't give: it gives "
            f"'{PIXELS}' and '{STATE}'"
        )
    image_size, stacked = None, set()
    for key in spaces.keys() & CHANNELS.keys():
        image_size, frames = _describe_frames(spaces[key], CHANNELS[key], where)
        stacked.add(frames)
    if STATE in spaces:
        shape = spaces[STATE].shape
        if len(shape) != 1 or shape[0] % STATE_COLUMNS or not shape[0]:
            raise InputError(f"{where} observes a state of the shape {shape}: the environment's is ({STATE_COLUMNS},)")
        stacked.add(shape[0] // STATE_COLUMNS)
    if len(stacked) != 1:
        raise InputError(f"{where} observes different numbers of frames and states at a time: {sorted(stacked)}")
    return ObservedParts(tuple(spaces), image_size, stacked.pop())


def _describe_frames(space: ArraySpace, channels: int, where: str) -> tuple[tuple[int, int], int]:
    """Return height and width of a frame, and the number of frames."""
    if len(space.shape) == 3 and space.dtype == "uint8":
        first, middle, last = space.shape
        if first == min(space.shape) and first % channels == 0:
            return (middle, last), first // channels
        if last == min(space.shape) and last % channels == 0:
            return (first, middle), last // channels
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
        self._colours: dict[int, np.ndarray] = {}

    def begin(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Forget the observations of these slots, which are given these instructions."""
        self._fresh.update(slots)
        self._colours.update(zip(slots, map(find_colour, instructions), strict=True))

    def add(self, batch: ObservationBatch) -> dict[str, np.ndarray]:
        """Add a batch's observations; return frames (n, h, w, c k) and states (n, 6 k) by key, the latest last.

        Raises:
            ValueError: The batch has no frames, but they are observed.
        """
        found = {PIXELS: batch.pixels, STATE: batch.agent_pos}
        if PROMPTED in self._parts.keys and batch.pixels is not None:
            colours = [self._colours[slot] for slot in range(len(batch.pixels))]
            found[PROMPTED] = add_likeness(batch.pixels, colours)
        joined = {key: self._push(key, found.get(key)) for key in self._parts.keys}
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
