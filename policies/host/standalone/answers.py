"""What a policy answers: as an array of actions, or an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

LARGEST_ANSWER = 2**22  # numbers
NO_NUMBERS = "cmM"  # kinds of arrays that NumPy would convert: complex numbers, durations, dates


def infer_each(infer: Callable[[dict[str, Any]], Any], observations: Sequence[dict[str, Any] | None]) -> np.ndarray:
    """Ask ``infer`` for one robot after the other.

    Args:
        infer: In openpi's way: takes an observation, and returns ``{"actions": (chunk, columns)}``.
        observations: Of n robots, at least one of which is asked for; None for the others, whose actions are 0.

    Returns:
        (n, chunk, columns) float32.

    Raises:
        TypeError: It returned something else.
        ValueError: What it returned is too large to consist of actions.
    """
    answers: dict[int, np.ndarray] = {}
    for slot, seen in enumerate(observations):
        if seen is not None:
            answer = infer(copy_arrays(seen))
            if not hasattr(answer, "keys") or "actions" not in answer:
                raise TypeError(f"infer returned a {type(answer).__name__}, not a dictionary with 'actions'")
            actions = read_answer(answer["actions"], "infer")
            answers[slot] = actions[None] if actions.ndim == 1 else actions
    nothing = np.zeros_like(next(iter(answers.values())))
    return np.stack([answers.get(slot, nothing) for slot in range(len(observations))])


def copy_arrays(seen: dict[str, Any]) -> dict[str, Any]:
    """Return an observation, whose parts may be dictionaries, with arrays that nobody else has."""
    return {
        key: copy_arrays(value) if isinstance(value, dict) else value.copy() if isinstance(value, np.ndarray) else value
        for key, value in seen.items()
    }


def read_answer(answer: Any, call: str) -> np.ndarray:
    """Return the actions of an answer.

    Args:
        answer: What the policy returned.
        call: The call that did.

    Raises:
        TypeError: It is no array.
        ValueError: It is too large to consist of actions.
    """
    if answer is None or isinstance(answer, (dict, str, bytes)):
        raise TypeError(f"{call} returned a {type(answer).__name__}, not an array of actions")
    actions = np.asarray(answer)
    if actions.size > LARGEST_ANSWER:
        raise ValueError(f"{call} returned shape {actions.shape}, which is too large to be actions")
    if actions.dtype.kind in NO_NUMBERS or actions.dtype.names:
        raise TypeError(f"{call} returned an array of {actions.dtype}, not of numbers")
    return np.asarray(actions, dtype=np.float32)
