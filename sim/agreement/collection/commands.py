"""The commands that a unit is driven and scored by, and which of them are still to be run."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.common.errors import InputError
from sim.agreement.collection.unit_facts import UnitFacts
from sim.claims.unit_results import SCORES
from sim.evaluate.options import make_parser
from sim.evaluate.run.request import make_run_plan
from sim.evaluate.suites.applied_suite import apply_suite
from sim.evaluate.suites.suite_hash import hash_conditions
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.registry import OFFLINE_METRICS
from sim.offline.metrics.results_file import read_offline_results
from sim.results.folder import MANIFEST, read_manifest, read_summary

CHEAP_NEEDS = {"labels", "scenes"}  # one pass over the frames, and scenes that are rebuilt without pictures
UNSTEADY = ("on_time",)  # depends on the machine


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


def find_conditions(suite: str) -> str:
    """Find the hash of the conditions of a suite: which episodes it drives, and how they are seen.

    Args:
        suite: Name or file, as after ``--suite``.

    Raises:
        InputError: There is no such suite, or it has a mistake.
    """
    options, _ = apply_suite(make_parser, ("--suite", suite, "--policy", "any"))
    perturbations, latency = options.perturb or (), options.latency
    plan, _ = make_run_plan(
        ("any",), options.scenario, options.episodes, options.seed, perturbations=perturbations, latency=latency
    )
    return hash_conditions(plan, options.renderer)


def plan_drive(
    unit: UnitFacts, population: Path, folder: Path, suite: str, conditions: str | None = None
) -> Job | None:
    """Plan the drive of a unit through a suite; None if it is complete.

    Args:
        unit: It may have driven the suite already, as the tables in ``folder`` tell.
        population: Folder of the units.
        folder: Folder of the results.
        suite: Name or file, as after ``--suite``.
        conditions: Of ``find_conditions``; None to look at the runs in ``folder`` alone.

    Raises:
        InputError: It was driven with other weights.
    """
    name = Path(suite).stem
    if conditions is not None and unit.suites.get(name) == conditions:
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
    stored: Collection[str] = (),
) -> Job | None:
    """Plan the scoring of a unit by the metrics that it has no scores of; None if it has all.

    Args:
        unit: To be scored.
        population: Folder of the units.
        folder: Folder of the results.
        metrics: Names of the metrics that are wanted.
        demonstrations: Held-out ones, of each family.
        stored: Names of those that the tables in ``folder`` have.
    """
    files = sorted((folder / SCORES / unit.name).glob("*.json"))
    known = {score.metric for file in files for entry in read_offline_results(file).entries for score in entry.scores}
    missing = [name for name in metrics if name not in known and name not in stored]
    if not missing:
        return None
    words = ("--policy", _name_policy(unit, population), *unit.flags, "--scenario", "all")
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
