"""One run as its parent process sees it: what is to be done, and what becomes of each unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from scenarios.common.errors import InputError
from sim.analysis.summary import summarise
from sim.console.progress import Progress
from sim.results.folder import RunFolder
from sim.results.offline_log import Journal
from sim.results.plan import Plan
from sim.results.row import Row, fault_row, key
from sim.rollout.latency import MEASURED
from sim.workers.pool import Unit
from sim.workers.process import Json


def check_units(plan: Plan, workers: int, dataset: str | None, timed: Collection[str] = ()) -> list[Unit]:
    """Each policy is loaded once, and every worker loads one, so that none has to warm up later.

    Where latency is measured, each policy but the ``timed`` ones is then timed, one after the other, so that none of
    ours disturbs it.
    """
    names = [plan.policies[index % len(plan.policies)] for index in range(max(len(plan.policies), workers))]
    units = [
        Unit(f"load {name} ({index})", "check", {"policy": name, "dataset": dataset})
        for index, name in enumerate(names)
    ]
    where = {"scenario": plan.scenarios[0], "suite_seed": plan.suite_seed}
    for name in plan.policies if plan.latency == MEASURED else ():
        if name not in timed:
            before = frozenset(unit.name for unit in units)
            units.append(Unit(f"time {name}", "time", {"policy": name, **where}, after=before))
    return units


class Checks:
    """Hears what the policies and the renderer turned out to be."""

    def __init__(self) -> None:
        self.policies: dict[str, Json] = {}
        self.latency_s: dict[str, float] = {}
        self.renderer: dict[str, str] = {}
        self.failure: str | None = None

    def part(self, unit: Unit, part: Json) -> None:
        """Loading has no parts."""

    def done(self, unit: Unit, result: Json) -> None:
        if unit.kind == "time":
            self.latency_s[unit.arguments["policy"]] = result["latency_s"]
            return
        self.policies[unit.arguments["policy"]] = result["policy"]
        applied = {"applied": result["renderer"], "device": result["device"]}
        if self.renderer and self.renderer != applied:
            raise InputError(
                f"workers drew with different renderers, {self.renderer} and {applied}: name one by --renderer"
            )
        self.renderer = applied

    def hung(self, unit: Unit, parts: Sequence[Json], seconds: float) -> None:
        self.failure = f"{unit.name} took longer than {seconds:g} s"

    def failed(self, unit: Unit, reason: str) -> None:
        self.failure = f"{unit.name}: {reason.strip()}"


class Run:
    """Hears how blocks and offline scores went, and writes it down as it comes.

    Args:
        plan: What is to be done.
        folder: Where it is written.
        datasets: Where the offline error is taken: held-out demonstrations by scenario, or a folder that stands for
            all scenarios (under None); empty for no offline error.
    """

    def __init__(self, plan: Plan, folder: RunFolder, datasets: Mapping[str | None, str | None]) -> None:
        self.plan = plan
        self.folder = folder
        self.failures = 0
        self._datasets = datasets
        self._journal = Journal(folder.path)
        earlier = [*folder.offline(), *self._journal.entries()]
        self._offline = {(entry["policy"], entry["scenario"]): entry for entry in earlier}
        self._blocks = {block.name: block for block in plan.blocks}
        self._seen = set(folder.rows)
        self._progress = Progress(total=len(plan.cells) * plan.episodes, done=len(folder.rows))

    def units(self) -> list[Unit]:
        """What is still to be done: held-out sets first, as others wait for them."""
        out = str(self.folder.path.absolute())
        policies = self.folder.manifest["policies"]
        blocks = [
            Unit(
                block.name,
                "block",
                {"block": asdict(block), "out": out, "latency_s": policies[block.cell.policy]["latency_s"]},
            )
            for block in self.plan.blocks
            if not self.folder.has(block)
        ]
        return [*self._offline_units(), *blocks]

    def _offline_units(self) -> list[Unit]:
        units: list[Unit] = []
        for scenario, dataset in self._datasets.items():
            missing = [policy for policy in self.plan.policies if not self._is_scored(policy, scenario)]
            where = {"scenario": scenario, "dataset": dataset}
            made: frozenset[str] = frozenset()
            if missing and dataset is None:
                units.append(Unit(f"held-out demonstrations of {scenario}", "held-out", where))
                made = frozenset([units[-1].name])
            for policy in missing:
                name = f"offline error of {policy} on {scenario or dataset}"
                units.append(Unit(name, "offline", {"policy": policy, **where}, after=made))
        return units

    def _is_scored(self, policy: str, scenario: str | None) -> bool:
        entry = self._offline.get((policy, scenario))
        return entry is not None and not entry.get("error")

    def missing(self) -> str | None:
        """What is not there yet, in words; None if all is. A policy's own fault is a result, not a gap."""
        total = len(self.plan.cells) * self.plan.episodes
        episodes = total - len(self.folder.in_order(self.plan))
        errors = sum(
            (policy, scenario) not in self._offline for policy in self.plan.policies for scenario in self._datasets
        )
        gaps = [f"{episodes} of {total} episodes"] if episodes else []
        gaps += [f"{errors} offline error{'s' * (errors > 1)}"] if errors else []
        return " and ".join(gaps) or None

    def part(self, unit: Unit, part: Json) -> None:
        if unit.kind == "block":
            self._count([part])

    def done(self, unit: Unit, result: Json) -> None:
        if unit.kind == "block":
            self._write(result["rows"])
        elif unit.kind == "offline":
            self._add_offline(unit, result["entry"])

    def hung(self, unit: Unit, parts: Sequence[Json], seconds: float) -> None:
        error = f"no answer within {seconds:g} s"
        if unit.kind == "block":
            block = self._blocks[unit.name]
            finished = {row["episode"]: row for row in parts}
            self._write([finished.get(e.number) or fault_row(block.cell, e, error) for e in block.episodes])
        else:
            self._add_offline(unit, {"error": error})

    def failed(self, unit: Unit, reason: str) -> None:
        self.failures += 1
        self.folder.log_fault(unit.name, reason)
        self._progress.say(f"{unit.name}: {reason.strip().splitlines()[-1]}")

    def _add_offline(self, unit: Unit, entry: Json) -> None:
        policy, scenario = unit.arguments["policy"], unit.arguments["scenario"]
        where = {"policy": policy, "scenario": scenario, "dataset": unit.arguments["dataset"] or "held-out"}
        self._offline[policy, scenario] = {**where, **entry}
        self._journal.add(self._offline[policy, scenario])

    def _write(self, rows: list[Row]) -> None:
        self.folder.append(rows)
        self._count(rows)

    def _count(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if key(row) not in self._seen:
                self._seen.add(key(row))
                self._progress.advance(row)

    def close(self) -> None:
        """Nothing more is coming."""
        self._progress.close()

    def settle(self) -> None:
        """The summary is written: what was kept until then isn't needed any longer."""
        self._journal.close()

    def summary(self) -> dict[str, Any]:
        """What is there so far, summed up; offline entries in the order of the plan."""
        order = {name: position for position, name in enumerate(self.plan.policies)}
        offline = sorted(self._offline.values(), key=lambda entry: (entry["scenario"] or "", order[entry["policy"]]))
        return summarise(self.plan, self.folder.in_order(self.plan), offline, self.folder.manifest["policies"])
