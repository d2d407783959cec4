"""Worker processes and the watchdog over them: units of work go out, results come back, nothing is lost without a word.

Workers are spawned, never forked (EGL, PyBullet and torch don't survive a fork), also when there is only one, so that
one worker and ten run the same code. Messages are JSON. A worker publishes on two clocks in shared memory when it last
showed life and since when it is inside the policy: PyBullet and most policies hold Python's interpreter lock, so a
watchdog thread inside the worker would be asleep just when it is needed.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from scenarios.common.errors import InputError
from sim.workers.process import SINGLE_THREAD_ENV, JsonObject, run_worker

MAX_TRIES = 2


@dataclass(frozen=True)
class Job:
    """A piece of work that one worker does in one go.

    Attributes:
        name: Unique in a run.
        kind: Which of the workshop's jobs it is.
        arguments: For the job; JSON.
        after: Names of units that must be done first.
    """

    name: str
    kind: str
    arguments: JsonObject
    after: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Timeouts:
    """When a worker counts as hanging, in seconds.

    Attributes:
        policy_s: One call of the policy.
        stall_s: Any other stretch without a sign of life (loading weights and encoding a video are the longest).
    """

    policy_s: float = 60.0
    stall_s: float = 900.0


class PoolListener(Protocol):
    """Who hears, in the parent process, how units went. Exceptions end the run."""

    def part(self, unit: Job, part: JsonObject) -> None: ...
    def done(self, unit: Job, result: JsonObject) -> None: ...

    def hung(self, unit: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """The policy did not come back from a call; ``parts`` were finished before."""
        ...

    def failed(self, unit: Job, reason: str) -> None:
        """The unit was tried twice and not done, through no fault of the policy that we know of."""
        ...


@dataclass
class _Worker:
    """One process, the parent's end of its link, and what it is doing."""

    process: Any
    link: Connection
    clocks: Any
    unit: Job | None = None
    ready: bool = False
    parts: list[JsonObject] = field(default_factory=list)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg") and self.process.pid and os.getpgid(self.process.pid) == self.process.pid:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.link.close()


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class WorkerPool:
    """So many workers, and the watchdog. A context manager: leaving it kills what still runs.

    Args:
        workshop: (module, name) of what every worker builds; called with (settings, Watch).
        settings: For it; JSON.
        size: Workers.
        limits: When a worker counts as hanging.
    """

    def __init__(self, workshop: tuple[str, str], settings: JsonObject, size: int, limits: Timeouts) -> None:
        self._workshop = workshop
        self._settings = settings
        self._size = size
        self._limits = limits
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []

    def __enter__(self) -> WorkerPool:
        self._start_missing_workers()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def _start_missing_workers(self) -> None:
        """Start workers until there are enough. The environment of the moment is what they inherit."""
        while len(self._workers) < self._size:
            ours, theirs = self._context.Pipe()
            clocks = self._context.RawArray("d", [0.0, time.monotonic()])
            process = self._context.Process(
                target=run_worker, args=(self._workshop, self._settings, theirs, clocks), daemon=True
            )
            with _environment(SINGLE_THREAD_ENV):
                process.start()
            theirs.close()  # so that the death of the worker ends the link
            self._workers.append(_Worker(process, ours, clocks))

    def run(self, units: Sequence[Job], listener: PoolListener) -> None:
        """Have all units done, each as soon as those that it comes after are; tell the listener of each.

        Raises:
            InputError: A worker found the input bad.
        """
        shift = JobQueue(units, listener)
        while not shift.is_over:
            for worker in self._workers:
                if worker.ready and worker.unit is None and (unit := shift.next_job()):
                    worker.unit, worker.parts = unit, []
                    worker.clocks[0], worker.clocks[1] = 0.0, time.monotonic()
                    with contextlib.suppress(BrokenPipeError):  # it just died: the link's end is seen below
                        worker.link.send_bytes(json.dumps({"kind": unit.kind, "arguments": unit.arguments}).encode())
            if shift.is_over:
                return
            by_link: dict[Any, _Worker] = {worker.link: worker for worker in self._workers}
            for link in wait(list(by_link), timeout=0.25):
                self._receive(by_link[link], shift)
            self._check_timeouts(shift)
            self._start_missing_workers()

    def _receive(self, worker: _Worker, shift: JobQueue) -> None:
        try:
            message = json.loads(worker.link.recv_bytes())
        except (EOFError, OSError):
            self._remove_worker(worker)
            shift.retry_or_give_up(worker.unit, f"its worker died ({_exit(worker.process.exitcode)})", worker.ready)
            return
        if message["kind"] == "input":
            raise InputError(message["text"])
        if message["kind"] == "broken":
            self._remove_worker(worker)
            shift.retry_or_give_up(worker.unit, message["text"], worker.ready)
        elif message["kind"] == "ready":
            worker.ready = True
        elif worker.unit is not None and message["kind"] == "part":
            worker.parts.append(message["part"])
            shift.listener.part(worker.unit, message["part"])
        elif worker.unit is not None:
            unit, worker.unit = worker.unit, None
            shift.mark_finished(unit)
            shift.listener.done(unit, message["result"])

    def _check_timeouts(self, shift: JobQueue) -> None:
        """Kill whoever is inside the policy, or silent, for too long."""
        for worker in list(self._workers):
            now, since, sign = time.monotonic(), worker.clocks[0], worker.clocks[1]
            if worker.link.poll():
                continue  # it has something to say: hear that first
            if worker.unit is not None and since and now - since > self._limits.policy_s:
                self._remove_worker(worker)
                shift.mark_finished(worker.unit)
                shift.listener.hung(worker.unit, worker.parts, self._limits.policy_s)
            elif (worker.unit is not None or not worker.ready) and not since and now - sign > self._limits.stall_s:
                self._remove_worker(worker)
                shift.retry_or_give_up(worker.unit, f"no sign of life for {self._limits.stall_s:g} s", worker.ready)

    def _remove_worker(self, worker: _Worker) -> None:
        worker.kill()
        self._workers.remove(worker)


class JobQueue:
    """Which units of one ``run`` are still to be done, and how often each was tried."""

    def __init__(self, units: Sequence[Job], listener: PoolListener) -> None:
        self.listener = listener
        self._waiting = deque(units)
        self._open = {unit.name for unit in units}
        self._done: set[str] = set()
        self._tries: dict[str, int] = {}
        self._false_starts = 0

    @property
    def is_over(self) -> bool:
        return not self._open

    def next_job(self) -> Job | None:
        """The first waiting unit whose predecessors are done; it is no longer waiting."""
        for unit in self._waiting:
            if unit.after <= self._done:
                self._waiting.remove(unit)
                return unit
        return None

    def mark_finished(self, unit: Job) -> None:
        self._open.discard(unit.name)
        self._done.add(unit.name)

    def retry_or_give_up(self, unit: Job | None, reason: str, ready: bool) -> None:
        """A worker went away without finishing; its unit is tried again by a fresh one, once."""
        if unit is None:
            self._false_starts += not ready
            if self._false_starts >= MAX_TRIES:
                for waiting in list(self._waiting):
                    self.give_up(waiting, f"no worker could start: {reason}")
            return
        self._tries[unit.name] = self._tries.get(unit.name, 0) + 1
        if self._tries[unit.name] < MAX_TRIES:
            self._waiting.appendleft(unit)
        else:
            self.give_up(unit, reason)

    def give_up(self, unit: Job, reason: str) -> None:
        """Tell that a unit won't be done, and neither will those that come after it."""
        self._open.discard(unit.name)
        if unit in self._waiting:
            self._waiting.remove(unit)
        self.listener.failed(unit, reason)
        for waiting in [other for other in self._waiting if unit.name in other.after]:
            self.give_up(waiting, f"'{unit.name}' comes first and failed")


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
