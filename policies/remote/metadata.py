"""The first message of a server: what its policy takes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cattrs

from policies.formats.observation_format import STATE_COLUMNS, Key
from policies.policy import PolicySpec
from policies.spec_checks import LARGEST_CHUNK, LARGEST_IMAGE, check_spec
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SCALE, ACTION_SIZE, AXIS_NAMES

OWN_KEY, VERSION = "mobile_vla", 1
BODY_VELOCITY = "body_velocity"  # our action space: vx, vy, wz in [-1, 1]
IMAGE_KEY, STATE_KEY, PROMPT_KEY = "observation/image", "observation/state", "prompt"
CONVERTER = cattrs.Converter(forbid_extra_keys=True)
CONVERTER.register_structure_hook(Key | None, lambda value, _: value)  # the format checks it; a list is a path


@dataclass(frozen=True)
class OwnMetadata:
    """What our own servers say besides, which lets a client send whole batches."""

    spec: PolicySpec
    """The spec of the served policy."""
    weights_sha256: str | None
    """Hash of its weights."""
    slots: int
    """Most slots of a batch."""


@dataclass(frozen=True)
class ServerMetadata:
    """What a server says about its policy, as far as it is understood; None for what it doesn't say."""

    image_size: tuple[int, int] | None = None
    """(height, width) in pixels."""
    action_horizon: int | None = None
    """Actions of an answer."""
    action_dim: int | None = None
    """Columns of an action."""
    action_space: str | None = None
    """The server's name for what an action is."""
    own: OwnMetadata | None = None
    """Only from our own servers."""


def describe_config(spec: PolicySpec, horizon: int) -> dict[str, Any]:
    """Describe a policy in the words of vLLM-Omni's ``policy_server_config``."""
    return {
        "image_resolution": None if spec.image_size is None else [int(side) for side in spec.image_size],
        "n_external_cameras": int(spec.image_size is not None),
        "needs_wrist_camera": False,
        "needs_stereo_camera": False,
        "needs_session_id": False,
        "action_space": BODY_VELOCITY,
        "action_horizon": horizon,
        "action_dim": ACTION_SIZE,
    }


def describe_policy(spec: PolicySpec, horizon: int, weights_sha256: str | None, slots: int) -> dict[str, Any]:
    """Describe a policy for openpi's clients, who print this, and for our own."""
    return {
        "policy": spec.name,
        "observation": describe_observation(spec),
        "action": f"(horizon, 3) float32: {', '.join(AXIS_NAMES)} in [-1, 1], 1.0 is {ACTION_SCALE:g} m/s or rad/s",
        "action_period_s": float(spec.period_s),
        **describe_config(spec, horizon),
        OWN_KEY: {
            "version": VERSION,
            "spec": CONVERTER.unstructure(spec),
            "weights_sha256": weights_sha256,
            "slots": slots,
        },
    }


def describe_observation(spec: PolicySpec) -> dict[str, str]:
    """Describe the parts of an observation, by their keys."""
    parts = {STATE_KEY: f"(6,) float32: {', '.join(STATE_COLUMNS)}", PROMPT_KEY: "text"}
    if spec.image_size is None:
        return parts
    return {IMAGE_KEY: f"{frame_shape(spec)} uint8, RGB", **parts}


def frame_shape(spec: PolicySpec) -> tuple[int, ...]:
    """Return the shape of one slot's frames: (H, W, 3), or (frames, H, W, 3)."""
    assert spec.image_size is not None
    height, width = spec.image_size
    frames = () if spec.observation.frames == 1 else (int(spec.observation.frames),)
    return (*frames, int(height), int(width), 3)


def read_metadata(message: Any) -> ServerMetadata:
    """Read a server's first message; what isn't understood is left out.

    Raises:
        InputError: It isn't a map, or it is one of our own that this version can't read.
    """
    if not isinstance(message, Mapping):
        raise InputError("its first message isn't a map of metadata")
    size = message.get("image_resolution")
    sides = list(size) if isinstance(size, list | tuple) else []
    known = len(sides) == 2 and all(_is_count(side, LARGEST_IMAGE) for side in sides)
    space = message.get("action_space")
    return ServerMetadata(
        image_size=(sides[0], sides[1]) if known else None,
        action_horizon=_count(message.get("action_horizon"), LARGEST_CHUNK),
        action_dim=_count(message.get("action_dim"), LARGEST_CHUNK),
        action_space=space if isinstance(space, str) else None,
        own=_read_own(message[OWN_KEY]) if OWN_KEY in message else None,
    )


def _read_own(entry: Any) -> OwnMetadata:
    if not isinstance(entry, Mapping) or entry.get("version") != VERSION:
        raise InputError("it is a server of another version of this project: install the same version on both sides")
    try:
        spec = check_spec(CONVERTER.structure(entry.get("spec"), PolicySpec))
    except (cattrs.BaseValidationError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            "it describes its policy as this version can't read: install the same on both sides"
        ) from error
    weights, slots = entry.get("weights_sha256"), _count(entry.get("slots"), 2**16)
    return OwnMetadata(spec, weights if isinstance(weights, str) else None, slots or 1)


def _count(value: Any, most: int) -> int | None:
    return value if _is_count(value, most) else None


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 1 <= value <= most
