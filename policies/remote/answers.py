"""Actions in the answers of servers, and the rule for answers that come too late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.remote.connection import LateAnswerError, ServerError

ACTION_KEYS = ("actions", "action")  # openpi's name, and Cosmos'


@dataclass(frozen=True)
class Answers:
    """What a server answered for n slots."""

    actions: np.ndarray
    """(n, c, k) float32 in the policy's format; anything where there is no answer."""
    late: np.ndarray
    """(n,) bool: slots whose answer didn't come in time."""


def read_actions(answer: Any, columns: tuple[str, ...]) -> np.ndarray:
    """Read the actions of one slot from a server's answer: (c, k) float32.

    An answer is an array, a map with the array under 'actions' or 'action', or a map with an array per column.

    Raises:
        ServerError: It is none of these, or its shape doesn't fit the columns.
    """
    values = _find_array(answer, columns)
    if values.dtype.kind not in "biuf":
        raise ServerError("the server's actions aren't numbers")
    if values.ndim == 3 and len(values) == 1:  # a batch of one
        values = values[0]
    if values.ndim == 1:
        values = values[None]
    if values.ndim != 2 or values.shape[1] != len(columns) or not values.size:
        raise ServerError(
            f"the server's actions have the shape {values.shape}, expected (horizon, {len(columns)}) for "
            f"{', '.join(columns)}"
        )
    return values.astype(np.float32)


def _find_array(answer: Any, columns: tuple[str, ...]) -> np.ndarray:
    if isinstance(answer, np.ndarray):
        return answer
    if not isinstance(answer, Mapping):
        raise ServerError(f"the server answered with a {type(answer).__name__}, not with actions")
    for key in ACTION_KEYS:
        if key in answer:
            return _to_array(answer[key])
    if set(columns) <= set(answer):
        parts = [np.atleast_1d(_to_array(answer[column]).squeeze()) for column in columns]
        if len({part.shape for part in parts}) == 1 and parts[0].ndim == 1:
            return np.stack(parts, axis=-1)
    keys = ", ".join(str(key)[:40] for key in list(answer)[:10])
    raise ServerError(f"the server's answer has no 'actions': its keys are {keys or 'none'}")


def _to_array(value: Any) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ServerError("the server's actions aren't an array") from error


class HoldRule:
    """Holds the last action where an answer is late.

    Args:
        most: How often in a row a slot's last action is held; 0: a late answer is an error at once.
        timeout_s: Time for an answer, for errors.
    """

    def __init__(self, most: int, timeout_s: float) -> None:
        self._most, self._timeout_s = most, timeout_s
        self._last: np.ndarray | None = None  # (n, c, k)
        self._left = np.zeros(0, np.int64)  # (n,) how often the last action may still be held

    def reset(self, slots: Sequence[int]) -> None:
        """Start episodes in these slots: they have no last action."""
        more = max(slots) + 1 - len(self._left)
        if more > 0:
            self._left, self._last = np.concatenate([self._left, np.zeros(more, np.int64)]), None
        self._left[list(slots)] = 0

    def apply(self, answers: Answers, executed: int) -> np.ndarray:
        """Return the actions to drive, (n, c, k).

        Args:
            answers: Of all slots.
            executed: Actions of each answer that are executed; the last of them is held.

        Raises:
            LateAnswerError: An answer is late, and its slot has no last action, or has held it often enough.
        """
        actions, late = answers.actions, answers.late
        if late.any():
            if self._last is None or (self._left[late] == 0).any():
                held = f", and its last action was held {self._most} times" if self._most else ""
                raise LateAnswerError(f"the server didn't answer within {self._timeout_s:g} s{held}")
            index = min(executed, self._last.shape[1]) - 1
            held_on = np.repeat(self._last[:, index : index + 1], self._last.shape[1], axis=1)
            actions = held_on if late.all() else np.where(late[:, None, None], held_on, actions)
        self._left = np.where(late, self._left - 1, self._most)
        self._last = actions
        return actions
