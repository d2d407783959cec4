"""What clients send, checked before a policy sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.formats.observation_format import STATE_COLUMNS, to_policy_pixels, to_policy_state
from policies.policy import PolicySpec
from policies.remote.metadata import IMAGE_KEY, PROMPT_KEY, STATE_KEY, describe_observation, frame_shape
from scenarios.common.errors import unknown_name

ALIASES = {"pixels": IMAGE_KEY, "agent_pos": STATE_KEY, "instruction": PROMPT_KEY}  # our own names
CONTROL_KEYS = {"endpoint", "reset", "session_id", "seed"}
LONGEST_PROMPT = 2000  # characters


class RequestError(ValueError):
    """A request that can't be answered, in one sentence that its client gets."""


@dataclass(frozen=True)
class Observation:
    """One robot's observation in the policy's format."""

    pixels: np.ndarray | None  # ([frames,] H, W, 3) uint8
    agent_pos: np.ndarray  # (k,) float32
    prompt: str | None
    """What the robot is asked to do; None if the message doesn't say."""


def read_observation(message: Mapping[Any, Any], spec: PolicySpec) -> Observation:
    """Read the observation of one robot.

    Raises:
        RequestError: A key is unknown or missing, or a value isn't what the policy takes.
    """
    parts = {ALIASES.get(key, key): value for key, value in message.items() if key not in CONTROL_KEYS}
    known = describe_observation(spec)
    for key in parts:
        if key not in known and not (spec.image_size is None and key == IMAGE_KEY):
            raise RequestError(str(unknown_name("key of an observation", str(key)[:60], known)))
    for key in known:
        if key not in parts and key != PROMPT_KEY:
            raise RequestError(f"the observation has no '{key}': it must be {known[key]}")
    state = _check_numbers(parts[STATE_KEY], STATE_KEY, (len(STATE_COLUMNS),))
    pixels = None
    if spec.image_size is not None:
        pixels = to_policy_pixels(spec.observation, check_frames(parts[IMAGE_KEY], IMAGE_KEY, frame_shape(spec)))
    return Observation(pixels, to_policy_state(spec.observation, state[None])[0], _check_prompt(parts.get(PROMPT_KEY)))


def check_frames(value: Any, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return frames of this shape.

    Raises:
        RequestError: It isn't an array of bytes of this shape.
    """
    if not isinstance(value, np.ndarray) or value.dtype != np.uint8 or value.shape != shape:
        raise RequestError(f"'{key}' must be {shape} uint8, RGB, not {describe_value(value)}")
    return value


def _check_numbers(value: Any, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return finite numbers of this shape as float32.

    Raises:
        RequestError: They are something else.
    """
    numbers = np.asarray(value) if _is_list_of_numbers(value) else value
    if not isinstance(numbers, np.ndarray) or numbers.dtype.kind not in "iuf" or numbers.shape != shape:
        raise RequestError(f"'{key}' must be {shape} float32, not {describe_value(value)}")
    with np.errstate(over="ignore"):
        converted = numbers.astype(np.float32)
    if not np.isfinite(converted).all():
        raise RequestError(f"'{key}' contains a value that isn't a finite number")
    return converted


def check_state(value: Any, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the states of a batch as float32, which may be any numbers that the client's own loop made."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or value.shape != shape:
        raise RequestError(f"'{key}' must be {shape} float32, not {describe_value(value)}")
    return value.astype(np.float32)


def _is_list_of_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(one) in (int, float) and abs(one) < 1e300 for one in value)


def _check_prompt(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_PROMPT:
        raise RequestError(f"'{PROMPT_KEY}' must be text of up to {LONGEST_PROMPT} characters")
    return value


def describe_value(value: Any) -> str:
    """Describe what a client sent in a few words."""
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype}"
    return "nothing" if value is None else f"a {type(value).__name__}"
