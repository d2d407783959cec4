"""A job: what a pool hands to its workers, and who does it and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A piece of work that one worker does in one go."""

    name: str
    """Unique in a run."""
    work: object
    """What to do: a dataclass of a kind that the workers' ``JobRunner`` knows. It is pickled."""
    out: Path | None = None
    """Folder that the job writes files to, if it does."""
    after: frozenset[str] = frozenset()
    """Names of jobs that must be done first."""


class JobRunner(Protocol):
    """What a worker builds once, and does jobs with."""

    def do(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
        """Do a job and return its result; ``report`` sends parts of it that are finished early."""
        ...


class PoolListener(Protocol):
    """Hears, in the parent process, how jobs went. Exceptions end the run."""

    def part(self, job: Job, part: JsonObject) -> None: ...
    def done(self, job: Job, result: JsonObject) -> None: ...

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """The policy did not return from a call; ``parts`` were finished before."""
        ...

    def failed(self, job: Job, reason: str) -> None:
        """The job was tried twice and not done, for a reason that isn't known to be the policy's fault."""
        ...
