"""One run as its parent process sees it: what is to be done, and what becomes of each unit."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from sim.plan import Plan
from sim.progress import Progress
from sim.row import Row, fault_row, key
from sim.run_folder import RunFolder
from sim.summary import summarise
from sim.worker import Json
from sim.workers import Unit


def check_units(plan: Plan, workers: int) -> list[Unit]:
    """Each policy is loaded once, and every worker loads one, so that none has to warm up later."""
    names = [plan.policies[index % len(plan.policies)] for index in range(max(len(plan.policies), workers))]
    return [Unit(f"load {name} ({index})", "check", {"policy": name}) for index, name in enumerate(names)]


class Checks:
    """Hears what the policies and the renderer turned out to be."""

    def __init__(self) -> None:
        self.policies: dict[str, Json] = {}
        self.renderer: dict[str, str] = {}
        self.failure: str | None = None

    def part(self, unit: Unit, part: Json) -> None:
        """Loading has no parts."""

    def done(self, unit: Unit, result: Json) -> None:
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
    """Hears how blocks and offline scores went, and writes it down as it comes."""

    def __init__(self, plan: Plan, folder: RunFolder) -> None:
        self.plan = plan
        self.folder = folder
        self.offline = folder.offline()
        self.failures = 0
        self._blocks = {block.name: block for block in plan.blocks}
        self._seen = set(folder.rows)
        self._progress = Progress(total=len(plan.cells) * plan.episodes, done=len(folder.rows))

    def units(self, options: argparse.Namespace) -> list[Unit]:
        """What is still to be done."""
        out = str(self.folder.path.absolute())
        blocks = [
            Unit(block.name, "block", {"block": asdict(block), "out": out})
            for block in self.plan.blocks
            if not self.folder.has(block)
        ]
        return [*([] if options.no_offline else self._offline_units(options.dataset)), *blocks]

    def _offline_units(self, dataset: Path | None) -> list[Unit]:
        there = {(entry["policy"], entry["scenario"]) for entry in self.offline if not entry.get("error")}
        units: list[Unit] = []
        for scenario in self.plan.scenarios if dataset is None else (None,):
            policies = [policy for policy in self.plan.policies if (policy, scenario) not in there]
            where = {"scenario": scenario, "dataset": dataset and str(dataset)}
            make = Unit(f"held-out demonstrations of {scenario}", "held-out", where)
            if policies and dataset is None:
                units.append(make)
            units += [
                Unit(
                    f"offline error of {policy} on {scenario or dataset}",
                    "offline",
                    {"policy": policy, **where},
                    after=frozenset([make.name] if dataset is None else []),
                )
                for policy in policies
            ]
        return units

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
        where = {"policy": unit.arguments["policy"], "scenario": unit.arguments["scenario"]}
        self.offline = [old for old in self.offline if {name: old[name] for name in where} != where]
        self.offline.append({**where, "dataset": unit.arguments["dataset"] or "held-out", **entry})

    def _write(self, rows: list[Row]) -> None:
        self.folder.append(rows)
        self._count(rows)

    def _count(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if key(row) not in self._seen:
                self._seen.add(key(row))
                self._progress.advance(row)

    def close(self) -> None:
        self._progress.close()

    def summary(self) -> dict[str, Any]:
        """What is there so far, summed up; offline entries in the order of the plan."""
        privileged = [name for name, facts in self.folder.manifest["policies"].items() if facts["privileged"]]
        order = {name: position for position, name in enumerate(self.plan.policies)}
        offline = sorted(self.offline, key=lambda entry: (entry["scenario"] or "", order[entry["policy"]]))
        return summarise(self.plan, self.folder.in_order(self.plan), offline, privileged)
