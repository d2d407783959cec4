"""Runs the commands of all units, one after the other; what is complete is skipped, what was begun is finished."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from sim.agreement.collection.commands import Job, name_suite, plan_drive, plan_scores
from sim.agreement.collection.unit_facts import UnitFacts
from sim.console.console import print_plain_line
from sim.population.population import Unit
from sim.population.tables import read_stored
from sim.results.run_files import MANIFEST, read_json, read_manifest, write_json

CPU, LOG = "cpu_seconds.json", "log.txt"


def collect_results(
    units: Sequence[UnitFacts],
    population: Path,
    folder: Path,
    *,
    suite: str,
    metrics: Sequence[str],
    demonstrations: int,
    console: Console,
) -> tuple[str, ...]:
    """Drive and score what isn't yet: neither in the tables nor in the runs in ``folder``.

    Returns:
        A sentence for each command that failed; the others were run nevertheless, but for scoring what didn't drive.
    """
    failures = []
    known = {unit.name: unit for unit in read_stored(folder).units}
    for place, unit in enumerate(units, start=1):
        stored = known.get(unit.name)
        drive = plan_drive(unit, population, folder, suite)
        failure = _run(drive, folder, console, f"{place} of {len(units)}")
        if failure is None:
            of_unit = () if stored is None else stored.metrics
            scenarios = _list_driven(folder / name_suite(suite) / unit.name, stored)
            scores = plan_scores(unit, population, folder, metrics, demonstrations, scenarios, of_unit)
            failure = _run(scores, folder, console, f"{place} of {len(units)}")
        if failure is not None:
            failures.append(failure)
    return tuple(failures)


def _list_driven(run: Path, stored: Unit | None) -> set[str]:
    """The scenarios that a unit drove, by its run or else by the tables."""
    if (run / MANIFEST).is_file():
        return set(read_manifest(run).scenarios)
    return set() if stored is None else {scenario for scenario, _ in stored.successes}


def _run(job: Job | None, folder: Path, console: Console, place: str) -> str | None:
    """Run a command, if there is one; a sentence if it failed."""
    if job is None:
        return None
    seconds, code = _run_command(job, folder)
    outcome = f"{seconds:.0f} s of CPU" if code == 0 else f"failed with exit code {code}"
    print_plain_line(console, f"{place}: {job.unit}, {job.name}: {outcome}")
    if not code:
        return None
    said = f"{read_last_line(folder / LOG).removeprefix('error: ')} (exit code {code}; all that it printed: "
    return f"{job.unit}, {job.name}: {said}'{folder / LOG}')"


def _run_command(job: Job, folder: Path) -> tuple[float, int]:
    """Run a command and note its CPU time, that of its processes included."""
    job.out.parent.mkdir(parents=True, exist_ok=True)
    command = (*job.command, "--out", str(job.out))
    before = _children_seconds()
    with (folder / LOG).open("a", encoding="utf-8") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    seconds = _children_seconds() - before
    spent = read_json(folder / CPU) if (folder / CPU).is_file() else {}
    of_job = spent.setdefault(job.name, {})
    of_job[job.unit] = round(of_job.get(job.unit, 0.0) + seconds, 1)
    write_json(folder / CPU, spent)
    return seconds, code


def read_last_line(file: Path) -> str:
    """Return the last line of a text file that isn't empty; "" if there is none."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
