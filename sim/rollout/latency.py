"""The latency of a policy: given in seconds or measured."""

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
"""Seconds, or 'measured': each policy's own, measured before the first episode."""

MEASURED: Literal["measured"] = "measured"
MAX_LATENCY_S = 10.0
WARM_UP_CALLS = 5  # not timed: lazy imports, allocations, the expert's plan
TIMED_CALLS = 20


def parse_latency(text: str) -> Latency:
    """Parse a command-line latency: seconds, or 'measured'."""
    if text == MEASURED:
        return MEASURED
    try:
        return bounded_float(0.0, MAX_LATENCY_S)(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, or '{MEASURED}'") from None


def measure_latency(policy: Policy, batch: ObservationBatch, instruction: str) -> float:
    """Measure a policy's inference time for one robot in s, the median of ``TIMED_CALLS`` calls.

    Args:
        policy: A policy that is not in use elsewhere; it is reset.
        batch: An observation of one slot.
        instruction: The slot's instruction.

    Raises:
        InputError: The policy raises an error.
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
            f"--latency measured: policy '{policy.spec.name}' can't be timed, it raised {describe_error(error)}; "
            f"give the latency in seconds"
        ) from error
    return round(statistics.median(seconds[WARM_UP_CALLS:]), 6)
