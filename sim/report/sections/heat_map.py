"""The heat map of success: scenarios by perturbations, for each policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.results.summary.rates import SuccessRate
from sim.results.summary.summary import CellSummary


class HeatMap(NamedTuple):
    """Success of each policy in each scenario under each perturbation."""

    policies: tuple[str, ...]
    """The best ones first."""
    scenarios: tuple[str, ...]
    """Rows, in the order of the plan."""
    perturbations: tuple[str, ...]
    """Columns, in the order of the plan."""
    rates: dict[str, list[list[SuccessRate | None]]]
    """Policy -> rows of columns; None where nothing was driven."""

    def pack(self) -> dict[str, list[list[list[float] | None]]]:
        """Return successes, episodes and both ends of the interval, in per cent, for the page's script."""
        return {
            policy: [[None if rate is None else _pack(rate) for rate in row] for row in rows]
            for policy, rows in self.rates.items()
        }


def make_heat_map(cells: Sequence[CellSummary]) -> HeatMap | None:
    """Gather the cells, whose order decides that of policies; None without several scenarios or perturbations."""
    policies, scenarios, perturbations = (
        tuple(dict.fromkeys(getattr(cell, name) for cell in cells)) for name in ("policy", "scenario", "perturbation")
    )
    if len(scenarios) < 2 and len(perturbations) < 2:
        return None
    known = {(cell.policy, cell.scenario, cell.perturbation): cell.success for cell in cells}
    rates = {
        policy: [[known.get((policy, row, column)) for column in perturbations] for row in scenarios]
        for policy in policies
    }
    return HeatMap(policies, scenarios, perturbations, rates)


def _pack(rate: SuccessRate) -> list[float]:
    return [rate.k, rate.n, round(100 * rate.low), round(100 * rate.high)]
