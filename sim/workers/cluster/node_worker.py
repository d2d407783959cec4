"""A worker on a node of a cluster: a pool of one process, so that a policy that hangs or dies is ended on its node."""

from __future__ import annotations

import pkgutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from scenarios.common.errors import InputError
from sim.workers.job import Job, JsonObject
from sim.workers.pool import Timeouts, WorkerPool

Event = tuple[str, Any]
"""("part", row), ("file", (path below ``out``, content)), or what ended the job: ("done", result), ("hung", (parts,
seconds)), ("failed", reason), ("input", sentence), ("broken", error)."""
NOT_LAST = ("part", "file")


def describe_machine(identity: str) -> JsonObject:
    """Return what a function, ``module:name``, says of this machine; nothing without one."""
    described: JsonObject = pkgutil.resolve_name(identity)() if identity else {}
    return described


def list_differences(here: JsonObject, there: JsonObject) -> str:
    """List what is different on a node; empty if nothing is."""
    return ", ".join(
        f"{name} {there.get(name)} for {value}" for name, value in here.items() if there.get(name) != value
    )


class _EventLog:
    """Passes a job's parts on at once, and keeps what ended it until its files are read."""

    def __init__(self, events: SimpleQueue[Event]) -> None:
        self._events = events
        self.last: Event = ("failed", "it ended without a result")

    def part(self, job: Job, part: JsonObject) -> None:
        self._events.put(("part", part))

    def done(self, job: Job, result: JsonObject) -> None:
        self.last = ("done", result)

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        self.last = ("hung", (list(parts), seconds))

    def failed(self, job: Job, reason: str) -> None:
        self.last = ("failed", reason)


class NodeWorker:
    """A pool of one worker, for one job at a time, which another machine controls.

    Args:
        runner, settings, timeouts: As for ``sim.workers.pool.WorkerPool``.
    """

    def __init__(self, runner: str, settings: object, timeouts: Timeouts) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._thread = ThreadPoolExecutor(1)  # one for all jobs: a worker ends with the thread that started it
        self._pool = self._thread.submit(WorkerPool(runner, settings, 1, timeouts).__enter__).result()

    def describe(self, identity: str) -> JsonObject:
        """Return what a function, ``module:name``, says of this node; nothing without one."""
        return describe_machine(identity)

    def begin(self, job: Job) -> None:
        """Begin a job; the one before must have ended."""
        self._thread.submit(self._do, job)

    def take_events(self) -> list[Event]:
        """Wait for the job's next event; return all that are there."""
        found = [self._events.get()]
        while not self._events.empty():
            found.append(self._events.get())
        return found

    def close(self) -> None:
        """End the worker, and remove what it left behind."""
        self._thread.submit(self._pool.__exit__).result()
        self._thread.shutdown()

    def _do(self, job: Job) -> None:
        log = _EventLog(self._events)
        try:
            with tempfile.TemporaryDirectory(prefix="mobile-vla-") as name:
                folder = Path(name)
                try:
                    self._pool.run([replace(job, out=job.out and folder, after=frozenset())], log)
                except InputError as error:
                    log.last = ("input", str(error))
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    self._events.put(("file", (str(path.relative_to(folder)), path.read_bytes())))
        except Exception as error:  # noqa: BLE001  whoever waits for the job's end must hear of it
            log.last = ("broken", f"{type(error).__name__}: {error}")
        self._events.put(log.last)
