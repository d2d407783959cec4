"""Checks of the spec that a policy declares."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Integral, Real

import numpy as np

from policies.formats.action_format import ActionFormat
from policies.formats.observation_format import ObservationFormat
from policies.policy import PolicySpec
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE

LARGEST_IMAGE = 2048  # pixels a side
LARGEST_CHUNK = 1000  # actions


def check_spec(spec: object) -> PolicySpec:
    """Return a spec whose every value is of its kind and within bounds; numbers may be NumPy's.

    Raises:
        InputError: One isn't.
    """
    if not isinstance(spec, PolicySpec):
        raise InputError(f"a policy's spec must be a policies.policy.PolicySpec, not a {type(spec).__name__}")
    if not isinstance(spec.name, str) or not spec.name:
        raise InputError(f"a policy's spec must give its name as text, not {spec.name!r}")
    where = f"policy '{spec.name}' declares"
    _check_image_size(spec.image_size, where)
    if not _is_number(spec.period_s) or not spec.period_s > 0.0:
        raise InputError(f"{where} the period {spec.period_s!r}: it must be a number of seconds above 0")
    _check_hold_action(spec.hold_action, where)
    for name, value, least in (
        ("history", spec.history, 0),
        ("chunk", spec.chunk, 1),
        ("replan", spec.replan, 1),
        ("parameters", spec.parameters, 0),
    ):
        if not _is_whole(value) or value < least:
            raise InputError(f"{where} {name}={value!r}: it must be a whole number, at least {least}")
    if spec.chunk > LARGEST_CHUNK or spec.replan > spec.chunk:
        raise InputError(
            f"{where} chunk={spec.chunk} and replan={spec.replan}: a chunk has at most {LARGEST_CHUNK} actions, and no "
            "more of them can be executed than it has"
        )
    if not isinstance(spec.action, ActionFormat) or not isinstance(spec.observation, ObservationFormat):
        raise InputError(
            f"{where} formats of type {type(spec.action).__name__} and {type(spec.observation).__name__}: they must be "
            "an ActionFormat and an ObservationFormat of policies.formats"
        )
    return spec


def _check_image_size(size: object, where: str) -> None:
    if size is None:
        return
    if (
        not isinstance(size, tuple | list)
        or len(size) != 2
        or not all(_is_whole(side) and 1 <= side <= LARGEST_IMAGE for side in size)
    ):
        raise InputError(
            f"{where} the image size {size!r}: it must be (height, width), whole numbers of pixels up to "
            f"{LARGEST_IMAGE}, or None if the policy takes no image"
        )


def _check_hold_action(action: object, where: str) -> None:
    try:
        hold = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError):
        hold = np.zeros(0)
    if hold.shape != (ACTION_SIZE,) or not np.all(np.abs(hold) <= 1.0):
        raise InputError(
            f"{where} the hold action {action!r}: it must consist of three numbers (vx, vy, wz) in [-1, 1]"
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def change_replan(spec: PolicySpec, replan: int) -> PolicySpec:
    """Return a spec with another replan horizon.

    Raises:
        InputError: The policy has shorter chunks, or plays them itself.
    """
    if spec.plays_chunk and replan != spec.replan:
        raise InputError(f"--replan {replan}: policy '{spec.name}' plays its chunks itself: omit the option")
    if replan > spec.chunk:
        has = "one action" if spec.chunk == 1 else f"chunks of {spec.chunk} actions"
        raise InputError(f"--replan {replan}: policy '{spec.name}' answers with {has}: choose at most {spec.chunk}")
    return replace(spec, replan=replan)
