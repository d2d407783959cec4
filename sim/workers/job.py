"""Jobs of a worker pool, and the protocols of what does them and what handles their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A piece of work for one worker."""

    name: str
    """Unique in a run."""
    work: object
    """The work: a dataclass of a kind that the workers' ``JobRunner`` knows. It is pickled."""
    out: Path | None = None
    """Folder that the job writes files to, if any."""
    after: frozenset[str] = frozenset()
    """Names of jobs that must be done first."""


class ClaimResult(Enum):
    """What came of trying to claim a job that other processes may do, too."""

    OURS = "ours"
    TAKEN = "taken"
    """Another process is doing it."""
    DONE = "done"
    """Another process has done it."""


class JobRunner(Protocol):
    """An object that each worker builds once and does its jobs with."""

    def do(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
        """Do a job and return its result; ``report`` sends parts of it that are finished earlier."""
        ...


class PoolListener(Protocol):
    """Handles the results of jobs in the parent process. An exception ends the run."""

    def part(self, job: Job, part: JsonObject) -> None:
        """Handle a part that was finished before its job."""
        ...

    def done(self, job: Job, result: JsonObject) -> None:
        """Handle the result of a job."""
        ...

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """Handle a job whose policy did not return from a call; ``parts`` were finished before."""
        ...

    def failed(self, job: Job, reason: str) -> None:
        """Handle a job that failed twice for a reason other than the policy."""
        ...
