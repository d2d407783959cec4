"""The floor of success: what references reach that lack a sense, as constant actions are the floor of MAE.

It takes time to drive them, so their figures come with the package: ``floors.json``, which
``python -m sim.benchmark floors`` writes. They count for a scenario only as long as its ranges are those that were
measured; references that drove in the run itself count instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scenarios.registry import SCENARIOS
from sim.analysis.rates import estimate_success
from sim.results.codec import from_json
from sim.results.plan import Cell, RunPlan
from sim.results.row import EpisodeRow
from sim.results.summary.rates import ReferenceRate, Sense, SuccessFloor

FLOORS_FILE = Path(__file__).with_name("floors.json")
LACKS: dict[str, tuple[Sense, ...]] = {
    "zero": ("images", "words"),
    "random": ("images", "words"),
    "straight": ("images", "words"),
    "park": ("images", "words"),
    "blind": ("images",),
    "blind-network": ("images",),
    "wordless": ("words",),
}


@dataclass(frozen=True)
class MeasuredSuccess:
    """Success of the references in one family, as measured before."""

    scenario: str
    """Name of the family."""
    spec: str
    """Hash of its name and ranges."""
    suite_seed: int
    """Seed of the suite of episodes."""
    episodes: int
    """Episodes that each reference drove."""
    successes: dict[str, int]
    """By reference."""


@cache
def read_measured(path: Path = FLOORS_FILE) -> tuple[MeasuredSuccess, ...]:
    """Read the figures that come with the package; none if there is no such file."""
    if not path.is_file():
        return ()
    return from_json(tuple[MeasuredSuccess, ...], json.loads(path.read_text())["floors"], str(path))


def gather_floors(plan: RunPlan, by_cell: Mapping[Cell, Mapping[int, EpisodeRow]]) -> tuple[SuccessFloor, ...]:
    """Gather the floor of every scenario of a run, from its own unperturbed episodes and from those measured before."""
    return tuple(_gather_floor(plan, scenario, by_cell) for scenario in plan.scenarios)


def _gather_floor(plan: RunPlan, scenario: str, by_cell: Mapping[Cell, Mapping[int, EpisodeRow]]) -> SuccessFloor:
    found = {}
    for measured in read_measured():
        if scenario in SCENARIOS and (measured.scenario, measured.spec) == (scenario, SCENARIOS[scenario].spec_hash):
            for policy, won in measured.successes.items():
                success = estimate_success([True] * won + [False] * (measured.episodes - won))
                found[policy] = ReferenceRate(policy, LACKS[policy], success, driven=False)
    for policy in plan.policies:
        rows = by_cell[Cell(policy, scenario)].values()
        if policy in LACKS and rows:
            success = estimate_success([row.success for row in rows])
            found[policy] = ReferenceRate(policy, LACKS[policy], success, driven=True)
    return SuccessFloor(scenario, tuple(found[policy] for policy in LACKS if policy in found))
