"""The floor of success: references without a sense drive every family; their figures are kept in the package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from envs.simulation.lockstep import Lockstep
from policies.policy import Policy
from policies.registry import make_policy
from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from sim.analysis.floors import FLOORS_FILE, LACKS, MeasuredSuccess, read_measured
from sim.benchmark.measurements import Measurement
from sim.evaluate.block import drive_block
from sim.results.codec import to_json
from sim.results.plan import BLOCK_EPISODES, RunPlan
from sim.results.run_files import write_json

SEED, EPISODES = 9921, 60
LEFT_OUT = ("zero", "random")  # they take long and reach nothing


def measure_floors(path: Path = FLOORS_FILE, episodes: int = EPISODES) -> Iterator[Measurement]:
    """Let every reference drive every family, and keep the figures in a file; what it already holds isn't repeated.

    A reference whose checkpoint is missing is left out, and measured the next time.
    """
    read_measured.cache_clear()
    kept = {one.scenario: one for one in read_measured(path)}
    references = _make_references()
    lockstep = Lockstep(BLOCK_EPISODES)
    try:
        for name, scenario in SCENARIOS.items():
            found = MeasuredSuccess(name, scenario.spec_hash, SEED, episodes, {})
            if name in kept and replace(kept[name], successes={}) == found:
                found = kept[name]
            for policy_name, policy in references.items():
                if policy_name not in found.successes:
                    won = _count_successes(lockstep, policy, RunPlan((policy_name,), (name,), episodes, SEED))
                    found = replace(found, successes={**found.successes, policy_name: won})
                    kept[name] = found
                    _write(path, kept)
                yield Measurement("floors", f"{policy_name} in {name}", found.successes[policy_name], f"of {episodes}")
    finally:
        lockstep.close()


def _make_references() -> dict[str, Policy]:
    found = {}
    for name in [name for name in LACKS if name not in LEFT_OUT]:
        try:
            found[name] = make_policy(name)
        except InputError as error:
            print(f"not measured: {error}", file=sys.stderr)
    return found


def _count_successes(lockstep: Lockstep, policy: Policy, plan: RunPlan) -> int:
    rows = [each.row for block in plan.blocks for each in drive_block(lockstep, policy, block, lambda row: None)]
    return sum(row.success for row in rows)


def _write(path: Path, measured: dict[str, MeasuredSuccess]) -> None:
    ordered = [measured[name] for name in SCENARIOS if name in measured]
    write_json(path, {"schema": 1, "floors": to_json(ordered)})
    read_measured.cache_clear()
