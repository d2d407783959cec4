"""Conversion of what a policy returned to the environment's actions."""

from __future__ import annotations

import numpy as np

from policies.formats.action_format import to_commands
from policies.policy import PolicySpec


def convert_answer(spec: PolicySpec, answer: np.ndarray, slots: int) -> np.ndarray:
    """Convert what a policy returned for ``slots`` slots to the environment's actions, (n, c, 3) float32.

    Raises:
        ValueError: The answer has the wrong shape, or fewer actions than are executed before the next inference.
    """
    columns = len(spec.action.columns)
    if len(answer.shape) not in (2, 3) or (len(answer), answer.shape[-1]) != (slots, columns) or not answer.size:
        chunks = f" or ({slots}, chunk, {columns})" if spec.chunk > 1 else ""
        named = "" if spec.action.is_native else f" for {', '.join(spec.action.columns)}"
        raise ValueError(f"act returned shape {answer.shape}, expected ({slots}, {columns}){chunks}{named}")
    actions = to_commands(spec.action, answer, spec.period_s)
    if actions.shape[1] < (executed := spec.executed_actions):
        raise ValueError(f"act returned a chunk of {actions.shape[1]} actions, and {executed} are to be executed")
    return actions
