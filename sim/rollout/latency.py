"""How long a policy thinks: given by hand or measured, and what the drive makes of it."""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Literal

from policies.policy import ObservationBatch, Policy
from scenarios.common.cli import bounded_float
from scenarios.common.errors import InputError
from sim.rollout.policy_calls import describe_error

Latency = float | Literal["measured"]
"""Seconds, or a number of each policy's own that is taken before anything is driven."""

MEASURED: Literal["measured"] = "measured"
MAX_LATENCY_S = 10.0
WARM_UP_CALLS = 5  # answers that don't count: lazy imports, allocations, the expert's plan
TIMED_CALLS = 20


def parse_latency(text: str) -> Latency:
    """An argument type: seconds, or 'measured'."""
    if text == MEASURED:
        return MEASURED
    try:
        return bounded_float(0.0, MAX_LATENCY_S)(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, or '{MEASURED}'") from None


def measure_latency(policy: Policy, batch: ObservationBatch, instruction: str) -> float:
    """Seconds that a policy takes for an answer to one robot: the median of ``TIMED_CALLS`` calls.

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
        for _ in range(WARM_UP_CALLS + TIMED_CALLS):
            began = time.perf_counter()
            policy.act(batch)
            seconds.append(time.perf_counter() - began)
    except Exception as error:
        raise InputError(
            f"--latency measured: policy '{policy.spec.name}' can't be timed, it raised {describe_error(error)}: "
            f"give a number of seconds"
        ) from error
    return round(statistics.median(seconds[WARM_UP_CALLS:]), 6)
