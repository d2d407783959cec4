"""A pool of worker processes and the watchdog over them: it dispatches jobs, collects results, and reports every job
that failed.

Workers are spawned, never forked (EGL, PyBullet and torch don't survive a fork), also when there is only one, so that
one worker and ten run the same code. Two clocks in shared memory tell when a worker last showed a sign of life and
since when it is inside the policy: PyBullet and most policies hold Python's interpreter lock, so a watchdog thread
inside the worker would be blocked just when it is needed.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import heap
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import Any

from scenarios.common.errors import InputError
from scenarios.common.locks import remove_abandoned_folders
from sim.workers.job import ClaimResult, Job, JsonObject, PoolListener
from sim.workers.job_queue import JobQueue
from sim.workers.process import run_worker
from sim.workers.threads import single_thread_environment


@dataclass(frozen=True)
class Timeouts:
    """The times in seconds after which a worker counts as hanging."""

    policy_s: float = 60.0
    """One call of the policy."""
    stall_s: float = 900.0
    """Any other time without a sign of life (loading weights and encoding a video take longest)."""


@dataclass
class _Worker:
    """A worker process, the parent's end of its connection, and its current job."""

    process: Any
    link: Connection
    clocks: Any
    job: Job | None = None
    ready: bool = False
    parts: list[JsonObject] = field(default_factory=list)

    def begin(self, job: Job) -> None:
        self.job, self.parts = job, []
        self.clocks[0], self.clocks[1] = 0.0, time.monotonic()
        with contextlib.suppress(
            BrokenPipeError
        ):  # it just died: the pool notices the closed connection when it receives
            self.link.send(job)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg") and self.process.pid and os.getpgid(self.process.pid) == self.process.pid:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.link.close()


class WorkerPool:
    """A pool of worker processes with a watchdog. Leaving the context kills all workers.

    Args:
        runner: "module:name" of the ``JobRunner`` that every worker builds, called with (settings, Heartbeat). A name,
            so that the parent doesn't import what it imports.
        settings: Settings for the runner; pickled.
        size: Number of workers.
        timeouts: Times after which a worker counts as hanging.
    """

    def __init__(self, runner: str, settings: object, size: int, timeouts: Timeouts) -> None:
        self._runner = runner
        self._settings = settings
        self._size = size
        self._timeouts = timeouts
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []

    def __enter__(self) -> WorkerPool:
        self._start_missing_workers()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        remove_abandoned_folders()

    def _start_missing_workers(self) -> None:
        """Start workers until the pool is complete. They inherit the present environment."""
        while len(self._workers) < self._size:
            ours, theirs = self._context.Pipe()
            clocks = make_clocks()
            process = self._context.Process(
                target=run_worker, args=(self._runner, self._settings, theirs, clocks), daemon=True
            )
            with single_thread_environment(), _without_main_module():
                process.start()
            theirs.close()  # so that the connection closes when the worker dies
            self._workers.append(_Worker(process, ours, clocks))

    def run(
        self, jobs: Sequence[Job], listener: PoolListener, claim: Callable[[Job], ClaimResult] | None = None
    ) -> None:
        """Run all jobs, each after its predecessors, and pass their results to the listener.

        Args:
            jobs: The jobs.
            listener: Handles their results.
            claim: Claims a job before it is started, where other processes may do it, too; None if there are none.

        Raises:
            InputError: A worker rejected the input.
        """
        queue = JobQueue(jobs, listener, claim)
        while not queue.is_over:
            for worker in self._workers:
                _assign_job(worker, queue)
            if queue.is_over:
                return
            by_link: dict[Any, _Worker] = {worker.link: worker for worker in self._workers}
            for link in wait(list(by_link), timeout=0.25):
                self._receive(by_link[link], queue)
            self._check_timeouts(queue)
            self._start_missing_workers()

    def _receive(self, worker: _Worker, queue: JobQueue) -> None:
        try:
            message = json.loads(worker.link.recv_bytes())
        except (EOFError, OSError):
            self._remove_worker(worker)
            queue.retry_or_give_up(worker.job, f"its worker died ({_exit(worker.process.exitcode)})", worker.ready)
            return
        if message["kind"] == "input":
            raise InputError(message["text"])
        if message["kind"] == "broken":
            self._remove_worker(worker)
            queue.retry_or_give_up(worker.job, message["text"], worker.ready)
        elif message["kind"] == "ready":
            worker.ready = True
        elif worker.job is not None and message["kind"] == "part":
            worker.parts.append(message["part"])
            queue.listener.part(worker.job, message["part"])
        elif worker.job is not None:
            job, worker.job = worker.job, None
            queue.mark_finished(job)
            _assign_job(worker, queue)  # before the listener, which may be slow
            queue.listener.done(job, message["result"])

    def _check_timeouts(self, queue: JobQueue) -> None:
        """Kill every worker that is inside the policy, or without a sign of life, for too long."""
        for worker in list(self._workers):
            now, since, sign = time.monotonic(), worker.clocks[0], worker.clocks[1]
            if worker.link.poll():
                continue  # a message is waiting: receive it first
            if worker.job is not None and since and now - since > self._timeouts.policy_s:
                self._remove_worker(worker)
                queue.mark_finished(worker.job)
                queue.listener.hung(worker.job, worker.parts, self._timeouts.policy_s)
            elif (worker.job is not None or not worker.ready) and not since and now - sign > self._timeouts.stall_s:
                self._remove_worker(worker)
                queue.retry_or_give_up(worker.job, f"no sign of life for {self._timeouts.stall_s:g} s", worker.ready)

    def _remove_worker(self, worker: _Worker) -> None:
        worker.kill()
        self._workers.remove(worker)
        remove_abandoned_folders()


def make_clocks() -> Any:
    """Make the two clocks of a worker, in shared memory; in a temporary file where the system has no shared memory."""
    try:
        return multiprocessing.RawArray("d", [0.0, time.monotonic()])
    except OSError:
        heap.Arena._dir_candidates = []  # type: ignore[attr-defined]  # /dev/shm is missing or can't be written to
        return multiprocessing.RawArray("d", [0.0, time.monotonic()])


@contextlib.contextmanager
def _without_main_module() -> Iterator[None]:
    """Keep processes started in this context from running the program's main module again, which they don't need.

    By default a spawned process runs it under another name; a script without ``if __name__ == "__main__"`` would start
    from the beginning in every worker.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _assign_job(worker: _Worker, queue: JobQueue) -> None:
    """Give an idle worker the next job, if there is one."""
    if worker.ready and worker.job is None and (job := queue.next_job()):
        worker.begin(job)


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
