"""Formats of observations: which frames and states a policy is given, and under which names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from policies.formats.normalisation import Normalisation
from scenarios.common.errors import InputError, unknown_name

Colours = Literal["rgb", "bgr"]
Layout = Literal["hwc", "chw"]
PixelType = Literal["uint8", "unit"]

Key = str | tuple[str, ...]
"""Name of a part of a dictionary; several are those of dictionaries in each other, the outermost first."""

STATE_COLUMNS = ("vx", "vy", "wz", "x", "y", "yaw")  # m/s, rad/s in the body frame; odometry in m, rad
LARGEST_HISTORY = 64  # frames
DEEPEST_KEY = 8  # names


@dataclass(frozen=True)
class ObservationFormat:
    """What a policy is given at each inference.

    Attributes:
        frames: Latest frames that an observation contains, one per action period, the oldest first; before there are
            so many, the first is repeated. With more than one, ``pixels`` is (n, frames, H, W, 3).
        colours: Order of the channels.
        state: Columns of ``agent_pos``, in the policy's order.
        normalisation: Normaliser of these columns, as the policy was trained with; None if it normalises itself.
        pixels_key, state_key, instruction_key: Names of the parts for a policy that takes dictionaries (a server, an
            ONNX file); None for a part that it isn't given. ("observation", "image") names
            ``seen["observation"]["image"]``, and "observation/image" ``seen["observation/image"]``.
        layout: Of a frame in a dictionary: (H, W, 3) or (3, H, W).
        pixel_type: Of a frame in a dictionary: "uint8" from 0 to 255, or "unit", float32 from 0 to 1.
        pixel_mean, pixel_std: Per channel of a "unit" frame, subtracted and divided by; None for neither.

    Raises:
        InputError: The parts don't fit each other.
    """

    frames: int = 1
    colours: Colours = "rgb"
    state: tuple[str, ...] = STATE_COLUMNS
    normalisation: Normalisation | None = None
    pixels_key: Key | None = "pixels"
    state_key: Key | None = "agent_pos"
    instruction_key: Key | None = "instruction"
    layout: Layout = "hwc"
    pixel_type: PixelType = "uint8"
    pixel_mean: tuple[float, ...] | None = None
    pixel_std: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        for what, value, kind in (
            ("order of colours", self.colours, Colours),
            ("layout of frames", self.layout, Layout),
            ("type of pixels", self.pixel_type, PixelType),
        ):
            if value not in get_args(kind):
                raise unknown_name(what, str(value), get_args(kind))
        object.__setattr__(self, "state", tuple(self.state))
        for name in ("pixels_key", "state_key", "instruction_key"):
            object.__setattr__(self, name, _read_key(getattr(self, name), name))
        _check_keys(self.keys)
        for column in self.state:
            if column not in STATE_COLUMNS:
                raise unknown_name("column of the state", str(column), STATE_COLUMNS)
        if not 1 <= self.frames <= LARGEST_HISTORY:
            raise InputError(f"an observation contains 1 to {LARGEST_HISTORY} frames, not {self.frames}")
        if self.normalisation is not None and self.normalisation.columns != len(self.state):
            raise InputError(
                f"the normalisation of the state has {self.normalisation.columns} columns, the state has "
                f"{len(self.state)}: {', '.join(self.state)}"
            )
        if (self.pixel_mean is None) != (self.pixel_std is None):
            raise InputError("pixel_mean and pixel_std belong together: give both or neither")
        if self.pixel_mean is not None and self.pixel_type != "unit":
            raise InputError("pixel_mean and pixel_std need the type of pixels 'unit'")

    def check_named(self, policy: str) -> None:
        """Check that it names a part for a policy that is asked with ``infer``; ``policy`` is its name in the error.

        Raises:
            InputError: It names none.
        """
        if self.pixels_key is self.state_key is self.instruction_key is None:
            raise InputError(
                f"policy '{policy}' has 'infer', so its spec must name the keys of what it is given, such as "
                "'observation': {'pixels_key': 'observation/image', 'instruction_key': 'prompt'}"
            )

    def describe(self) -> str:
        """Describe it in a few words for tables, e.g. "2 frames bgr; vx, vy, wz normalised by mean-std"."""
        frames = f"{self.frames} frame{'s' * (self.frames > 1)} {self.colours}"
        if self.layout != "hwc" or self.pixel_type != "uint8":
            scaled = "" if self.pixel_mean is None else ", mean and std"
            frames += f" {self.layout} {'0 to 1' if self.pixel_type == 'unit' else self.pixel_type}{scaled}"
        normalised = "" if self.normalisation is None else f" normalised by {self.normalisation.kind}"
        state = "no state" if self.state_key is None else ", ".join(self.state)
        return f"{frames}; {state}{normalised}"

    @property
    def keys(self) -> tuple[Key, ...]:
        """Names of the parts of a dictionary."""
        return tuple(key for key in (self.pixels_key, self.state_key, self.instruction_key) if key is not None)


def _read_key(key: object, name: str) -> Key | None:
    """Return a key as declared; a list becomes a tuple, and one name alone a text.

    Raises:
        InputError: It is no key.
    """
    if key is None or (isinstance(key, str) and key):
        return key
    parts = tuple(key) if isinstance(key, tuple | list) else ()
    if not 1 <= len(parts) <= DEEPEST_KEY or not all(isinstance(part, str) and part for part in parts):
        raise InputError(
            f"{name} is {key!r}: it must be a name, a list of up to {DEEPEST_KEY} names of dictionaries in each other, "
            "such as ['observation', 'image'], or null for a part that isn't given"
        )
    return parts[0] if len(parts) == 1 else parts


def _check_keys(keys: tuple[Key, ...]) -> None:
    """Check that each part has a place of its own.

    Raises:
        InputError: Two are at the same one, or one is inside another.
    """
    paths = [_to_path(key) for key in keys]
    for place, path in enumerate(paths):
        for other in paths[:place]:
            if path[: len(other)] == other or other[: len(path)] == path:
                raise InputError(
                    f"the keys {keys[paths.index(other)]!r} and {keys[place]!r} of an observation exclude each other: "
                    "give each part a place of its own"
                )


def _to_path(key: Key) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else key


NATIVE = ObservationFormat()
"""The environment's own: one RGB frame and all columns of the state, in their units."""


def to_policy_pixels(form: ObservationFormat, pixels: np.ndarray) -> np.ndarray:
    """Order the channels of RGB frames (..., 3) as a policy declares."""
    return pixels if form.colours == "rgb" else np.ascontiguousarray(pixels[..., ::-1])


def to_policy_state(form: ObservationFormat, agent_pos: np.ndarray) -> np.ndarray:
    """Select and normalise the columns of a state (n, 6) as a policy declares: (n, k) float32."""
    if form.state != STATE_COLUMNS:
        agent_pos = agent_pos[:, [STATE_COLUMNS.index(column) for column in form.state]]
    return agent_pos if form.normalisation is None else form.normalisation.normalise(agent_pos)


def to_dictionary(
    form: ObservationFormat, pixels: np.ndarray | None, state: np.ndarray, instruction: str
) -> dict[str, Any]:
    """Make the dictionary of one slot's observation.

    Args:
        form: The policy's format.
        pixels: (H, W, 3) or (frames, H, W, 3) uint8, in the policy's order of colours; None if it takes none.
        state: (k,) float32, in the policy's columns.
        instruction: What the robot was asked to do.
    """
    made: dict[str, Any] = {}
    if form.pixels_key is not None and pixels is not None:
        _put(made, form.pixels_key, to_policy_layout(form, pixels))
    if form.state_key is not None:
        _put(made, form.state_key, state)
    if form.instruction_key is not None:
        _put(made, form.instruction_key, instruction)
    return made


def _put(made: dict[str, Any], key: Key, value: object) -> None:
    """Put a part into a dictionary, or into the dictionaries in it that its key names."""
    *outer, name = _to_path(key)
    for each in outer:
        made = made.setdefault(each, {})
    made[name] = value


def to_policy_layout(form: ObservationFormat, pixels: np.ndarray) -> np.ndarray:
    """Lay out frames (..., H, W, 3) uint8 and scale their pixels as a policy that takes dictionaries declares."""
    frames = pixels
    if form.pixel_type == "unit":
        frames = pixels.astype(np.float32) / np.float32(255.0)
        if form.pixel_mean is not None and form.pixel_std is not None:
            frames = (frames - np.array(form.pixel_mean, np.float32)) / np.array(form.pixel_std, np.float32)
    return np.ascontiguousarray(np.moveaxis(frames, -1, -3)) if form.layout == "chw" else frames
