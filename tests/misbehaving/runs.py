"""The table of misbehaving policies, and runs of the main command that drive them."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
STRANGERS = Path(__file__).parent / "strangers"
PACKAGES = ("scenarios", "envs", "policies", "sim")
LIMIT_S = 4.0  # for a call of a policy
LONGEST_START_S, LONGEST_CASE_S = 240.0, 40.0  # of a run, on a machine that does much else
EPISODES = 2
CALM, SHIPPED = "Calm", "straight"  # well-behaved, and driven after the others
MARK = "MISBEHAVING"  # an environment variable, by which the processes of a run are found


@dataclass(frozen=True)
class Case:
    """A policy that misbehaves in one way."""

    file: Path
    name: str
    cause: str | None
    """A regular expression for the error of its episodes; None if they end as if it behaved."""
    is_calm: bool
    """True if it drives to the bit as the well-behaved one does, unless there is a cause."""
    shows_traceback: bool
    """True if Python prints a traceback of the policy's own code."""
    needs: str
    """A package that it imports, if any."""

    @property
    def typed(self) -> str:
        """The policy as it is named on the command line."""
        return f"{self.name}={self.file}:{self.name}"

    def is_met(self, row: dict[str, Any], calm: dict[int, str]) -> bool:
        """Whether a row of an episode is as it should be."""
        if self.cause is not None:
            error = row["error"] or ""
            return row["status"] == "policy-fault" and bool(re.match(self.cause, error)) and error.isprintable()
        return row["status"] != "policy-fault" and (not self.is_calm or row["digest"] == calm[row["episode"]])


def list_cases() -> list[Case]:
    """List every class in the strangers' files that has a sentence or a cause of its own."""
    sys.path.insert(0, str(STRANGERS))
    try:
        modules = [
            import_strangers(path) for path in sorted(STRANGERS.glob("*.py")) if path.stem not in ("calm", "loading")
        ]
    finally:
        sys.path.remove(str(STRANGERS))
    return [_read_case(module, name) for module in modules for name in _name_policies(module)]


def import_strangers(path: Path) -> ModuleType:
    """Import a file of strangers as a module."""
    spec = importlib.util.spec_from_file_location(f"misbehaving_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _name_policies(module: ModuleType) -> Iterator[str]:
    """The classes of a module that nothing in it is made from."""
    made = {name: kind for name, kind in vars(module).items() if getattr(kind, "__module__", "") == module.__name__}
    policies = {name: kind for name, kind in made.items() if hasattr(kind, "spec") and hasattr(kind, "act")}
    bases = {base for kind in policies.values() for base in kind.__mro__[1:] if "cause" not in vars(base)}
    yield from (name for name, kind in policies.items() if kind not in bases)


def _read_case(module: ModuleType, name: str) -> Case:
    kind = getattr(module, name)
    return Case(
        Path(str(module.__file__)), name, kind.cause, kind.is_calm, kind.shows_traceback, getattr(kind, "needs", "")
    )


@dataclass(frozen=True)
class Run:
    """What is left of a run of the main command."""

    code: int
    output: str
    rows: list[dict[str, Any]]
    left: list[str]
    """Files in its temporary folder, and processes."""
    page: str

    def find_rows(self, policy: str) -> dict[int, dict[str, Any]]:
        """The rows of a policy by the number of their episode."""
        return {row["episode"]: row for row in self.rows if row["policy"] == policy}

    def read_digests(self, policy: str) -> dict[int, str]:
        """The digests of a policy's episodes."""
        return {episode: row["digest"] for episode, row in self.find_rows(policy).items()}


def drive(folder: Path, cases: Iterable[Case], workers: int = 1) -> Run:
    """Drive policies, and then the well-behaved ones, by the main command.

    Args:
        folder: An empty one.
        cases: The policies.
        workers: Number of workers.

    Raises:
        subprocess.TimeoutExpired: It waits for ever, or for one of the minutes-long limits of other things.
    """
    temporary, marks = folder / "t", folder / "marks"
    for made in (temporary, marks):
        made.mkdir(parents=True)
    policies = [*(case.typed for case in cases), f"{CALM}={STRANGERS}/calm.py:Calm", SHIPPED]
    command = [sys.executable, "-m", "sim.evaluate", "--policy", ",".join(policies), "--out", str(folder / "run")]
    command += ["--scenario", "corridor", "--episodes", str(EPISODES), "--workers", str(workers), "--no-check"]
    command += ["--video", "none", "--no-offline", "--policy-timeout", str(LIMIT_S)]
    environment = {**os.environ, "TMPDIR": str(temporary), MARK: str(marks), "PYTHONPATH": str(ROOT)}
    limit_s = LONGEST_START_S + LONGEST_CASE_S * len(policies)
    with (folder / "output").open("wb") as output:  # a file: a process that is left can't keep the test waiting
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=output, stderr=output, check=False, timeout=limit_s
        )
    wait_until(lambda: not find_processes(str(marks)), seconds=10.0)  # multiprocessing's own ends after its parent
    rows, page = folder / "run" / "episodes.jsonl", folder / "run" / "report.html"
    return Run(
        done.returncode,
        (folder / "output").read_text(encoding="utf-8", errors="backslashreplace"),
        [json.loads(line) for line in rows.read_text().splitlines()] if rows.exists() else [],
        [*(path.name for path in temporary.iterdir()), *find_processes(str(marks))],
        page.read_text() if page.exists() else "",
    )


def find_processes(mark: str) -> list[str]:
    """The command lines of the processes that come from a run."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended
            continue
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds, but not for ever."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def find_tracebacks(output: str) -> list[str]:
    """The tracebacks in an output, each as one text."""
    parts = output.split("Traceback (most recent call last)")[1:]
    return ["\n".join(re.findall(r'^.*File ".*$', part, re.MULTILINE)) for part in parts]


def shows_own_code(traceback: str) -> bool:
    """Whether a traceback has a line of this project's packages."""
    return any(f"{ROOT}/{package}/" in traceback for package in PACKAGES)
