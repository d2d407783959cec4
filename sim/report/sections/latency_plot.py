"""Layout of the plot of latency against success, in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sim.report.scatter import LEFT, RIGHT, LabelBox, place_labels, truncate_left, y_of_rate
from sim.results.plan import UNPERTURBED
from sim.results.summary.agreement import PolicyKind, PolicyResult
from sim.results.summary.rates import SuccessRate
from sim.results.summary.summary import CellSummary

LATENCY = "policy_ms"
FACTORS = (1, 2, 5)  # of the powers of ten that are ticks


class LatencyPoint(NamedTuple):
    """A policy in the plot."""

    name: str
    kind: PolicyKind
    latency_ms: float
    success: SuccessRate
    x: float
    y: float
    label: LabelBox | None
    """Rectangle of the name; None where it isn't shown."""
    short: str
    """The name as shown."""


class LatencyPlot(NamedTuple):
    """The plot; its x axis is logarithmic."""

    points: tuple[LatencyPoint, ...]
    ticks: tuple[tuple[float, float], ...]
    """(x, ms)."""


def lay_out_latency(results: Sequence[PolicyResult], cells: Sequence[CellSummary]) -> LatencyPlot | None:
    """Lay out the policies whose latency was measured; None with fewer than two."""
    latencies = {result.policy: _mean_latency(result.policy, cells) for result in results}
    shown = [
        (result, latency, result.success)
        for result in results
        if (latency := latencies[result.policy]) and result.success
    ]
    if len(shown) < 2:
        return None
    low, high = min(each[1] for each in shown) / 1.5, max(each[1] for each in shown) * 1.5

    def place(latency_ms: float) -> float:
        return LEFT + (RIGHT - LEFT) * math.log(latency_ms / low) / math.log(high / low)

    places = [(place(latency), y_of_rate(success.rate)) for _, latency, success in shown]
    names = [truncate_left(result.policy) for result, _, _ in shown]
    points = tuple(
        LatencyPoint(result.policy, result.kind, latency, success, x, y, label, name)
        for (result, latency, success), (x, y), label, name in zip(
            shown, places, place_labels(places, names), names, strict=True
        )
    )
    return LatencyPlot(points, tuple((place(tick), tick) for tick in _choose_ticks(low, high)))


def _mean_latency(policy: str, cells: Sequence[CellSummary]) -> float | None:
    """The mean time of an answer over a policy's unperturbed episodes, in ms."""
    known = [
        (value, cell.episodes)
        for cell in cells
        if cell.policy == policy and cell.perturbation == UNPERTURBED and (value := cell.metrics.get(LATENCY))
    ]
    return sum(value * count for value, count in known) / sum(count for _, count in known) if known else None


def _choose_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [factor * 10.0**power for power in powers for factor in FACTORS]
    return [tick for tick in ticks if low <= tick <= high]
