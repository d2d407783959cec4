"""How long a policy thinks: given by hand or measured, and what the drive makes of it."""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Literal

from policies.policy import Batch, Policy
from scenarios.common.cli import number
from scenarios.common.errors import InputError
from sim.rollout.loop import describe

Latency = float | Literal["measured"]
"""Seconds, or a number of each policy's own that is taken before anything is driven."""

MEASURED: Literal["measured"] = "measured"
LONGEST_S = 10.0
WARM_UP = 5  # answers that don't count: lazy imports, allocations, the expert's plan
ANSWERS = 20


def latency(text: str) -> Latency:
    """An argument type: seconds, or 'measured'."""
    if text == MEASURED:
        return MEASURED
    try:
        return number(0.0, LONGEST_S)(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, or '{MEASURED}'") from None


def measured(policy: Policy, batch: Batch, instruction: str) -> float:
    """Seconds that a policy takes for an answer to one robot: the median of ``ANSWERS`` calls.

    Args:
        policy: Not in use elsewhere; it is reset.
        batch: Of one slot.
        instruction: For it.

    Raises:
        InputError: The policy answers with an error.
    """
    seconds = []
    try:
        policy.reset([0], [instruction])
        for _ in range(WARM_UP + ANSWERS):
            began = time.perf_counter()
            policy.act(batch)
            seconds.append(time.perf_counter() - began)
    except Exception as error:
        raise InputError(
            f"--latency measured: policy '{policy.spec.name}' can't be timed, it raised {describe(error)}: "
            f"give a number of seconds"
        ) from error
    return round(statistics.median(seconds[WARM_UP:]), 6)
