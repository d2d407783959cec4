"""The commands that a unit is driven and scored by, and which of them are still to be run."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.specs.spec_file import read_text_file
from scenarios.common.errors import InputError, unknown_name
from scenarios.files.yaml_nodes import parse_yaml
from scenarios.registry import SCENARIOS
from sim.agreement.collection.unit_facts import UnitFacts
from sim.claims.unit_results import SCORES
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.registry import OFFLINE_METRICS
from sim.offline.metrics.results_file import read_offline_results
from sim.results.run_files import MANIFEST, read_manifest, read_summary

CHEAP_NEEDS = {"labels", "scenes"}  # one pass over the frames, and scenes that are rebuilt without pictures
UNSTEADY = ("on_time",)  # depends on the machine
SUITES = ("population", "population-disturbed")
ScoreKey = tuple[str, str]
"""(metric, scenario)."""


@dataclass(frozen=True)
class Job:
    """A command that has to be run for a unit."""

    unit: str
    """Name of the unit."""
    name: str
    """What it does: the suite's name, or "metrics"."""
    command: tuple[str, ...]
    """To run, without where it writes to."""
    out: Path
    """Where it writes to."""


def list_cheap_metrics(metrics: Sequence[OfflineMetric] = OFFLINE_METRICS) -> tuple[str, ...]:
    """List the metrics that a single pass over recorded frames gives, and that are equal on every machine."""
    return tuple(each.name for each in metrics if set(each.needs) <= CHEAP_NEEDS and each.name not in UNSTEADY)


def name_suite(suite: str) -> str:
    """Return the name of a suite for populations, or of a file: as it says, else the file's.

    Raises:
        InputError: There is none.
    """
    path = Path(suite)
    if path.suffix.lower() not in (".yaml", ".yml"):
        if suite not in SUITES:
            raise InputError(f"--suite: {unknown_name('suite', suite, SUITES)}; or give a .yaml file")
        return suite
    if not path.is_file():
        raise InputError(f"--suite '{suite}': there is no such file")
    entries = parse_yaml(read_text_file(path), suite, "'scenarios: …'").entries("a suite file")
    return (entries["name"][1].text if "name" in entries else None) or path.stem


def plan_drive(unit: UnitFacts, population: Path, folder: Path, suite: str) -> Job | None:
    """Plan the drive of a unit through a suite; None if it is complete, by its run or by the tables in ``folder``.

    Raises:
        InputError: It was driven with other weights, or there is no such suite.
    """
    name = name_suite(suite)
    if name in unit.suites:
        return None
    out = folder / name / unit.name
    begun = (out / MANIFEST).is_file()
    if begun:
        _check_weights(unit, out)
        summary = read_summary(out)
        if summary is not None and summary.complete:
            return None
    words = ("--suite", suite, "--policy", _name_policy(unit, population), *unit.flags, "--no-check")
    return Job(unit.name, name, _module("sim.evaluate", *words, *(["--resume"] if begun else [])), out)


def plan_scores(
    unit: UnitFacts,
    population: Path,
    folder: Path,
    metrics: Sequence[str],
    demonstrations: int,
    scenarios: Collection[str],
    stored: Collection[ScoreKey] = (),
) -> Job | None:
    """Plan the scoring of a unit by the metrics that it has no scores of in what it drove; None if it has all.

    Args:
        unit: To be scored.
        population: Folder of the units.
        folder: Folder of the results.
        metrics: Names of the metrics that are wanted.
        demonstrations: Held-out ones, of each scenario.
        scenarios: What it drove.
        stored: (metric, scenario) of the scores that the tables in ``folder`` have.
    """
    files = sorted((folder / SCORES / unit.name).glob("*.json"))
    entries = [entry for file in files for entry in read_offline_results(file).entries]
    scored = {(score.metric, entry.scenario) for entry in entries for score in entry.scores}
    known = {(metric, scenario) for metric, scenario in (*scored, *stored) if scenario in scenarios}
    names, places = {name for name, _ in known}, {place for _, place in known}
    # What was scored by a metric elsewhere, and here by others, doesn't have it here: tables don't say so.
    lacking = [
        (name, place)
        for name in metrics
        for place in scenarios
        if (name, place) not in known and (name not in names or place not in places)
    ]
    if not lacking:
        return None
    missing = [name for name in metrics if any(name == each for each, _ in lacking)]
    there = {place for _, place in lacking}
    wanted = "all" if there == set(SCENARIOS) else ",".join(sorted(there))
    words = ("--policy", _name_policy(unit, population), *unit.flags, "--scenario", wanted)
    more = ("--episodes", str(demonstrations), "--metrics", ",".join(missing))
    out = folder / SCORES / unit.name / f"{len(files) + 1}.json"
    return Job(unit.name, SCORES, _module("sim.offline", *words, *more), out)


def _check_weights(unit: UnitFacts, out: Path) -> None:
    facts = read_manifest(out).policies.get(unit.name)
    driven = None if facts is None else facts.weights
    if driven is not None and unit.weights_sha256 is not None and driven != unit.weights_sha256:
        raise InputError(
            f"'{out}' was driven with other weights than '{unit.name}' has now: delete it, and the unit's scores"
        )


def _name_policy(unit: UnitFacts, population: Path) -> str:
    return f"{unit.name}={population / unit.policy}"


def _module(name: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *words)
