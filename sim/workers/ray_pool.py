"""Workers on a Ray cluster, with the interface of ``sim.workers.pool.WorkerPool``: the same jobs give the same rows.

Every Ray actor runs a pool of one worker, so a policy that hangs or kills its process is detected and ended on its own
node. Files that a job writes are returned as bytes, so nodes need no shared folder. They need this package and the
policy's files at the same path.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from sim.workers.job import Job, JsonObject, PoolListener
from sim.workers.job_queue import JobQueue
from sim.workers.pool import Timeouts, WorkerPool

Event = tuple[str, Any]


class _EventLog:
    """Records the events of a job on its node, for the process that runs the pool."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def part(self, job: Job, part: JsonObject) -> None:
        self.events.append(("part", part))

    def done(self, job: Job, result: JsonObject) -> None:
        self.events.append(("done", result))

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        self.events.append(("hung", [list(parts), seconds]))

    def failed(self, job: Job, reason: str) -> None:
        self.events.append(("failed", reason))


class RayWorker:
    """A Ray actor on a node of the cluster: a pool of one worker, for one job at a time."""

    def __init__(self, runner: str, settings: object, timeouts: Timeouts) -> None:
        self._pool = WorkerPool(runner, settings, 1, timeouts).__enter__()

    def do(self, job: Job) -> tuple[list[Event], dict[str, bytes]]:
        """Do a job; return its events and the files that it wrote, by their path below ``out``."""
        log = _EventLog()
        with tempfile.TemporaryDirectory(prefix="mobile-vla-") as folder:
            out = None if job.out is None else Path(folder)
            try:
                self._pool.run([replace(job, out=out, after=frozenset())], log)
            except InputError as error:
                log.events.append(("input", str(error)))
            paths = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
            return log.events, {str(path.relative_to(folder)): path.read_bytes() for path in paths}


class RayWorkerPool:
    """A pool of workers on a Ray cluster. Leaving the context ends them.

    The cluster is the one that ``RAY_ADDRESS`` names; without it, one on this machine is started and ended.

    Args:
        runner, settings, size, timeouts: As for ``sim.workers.pool.WorkerPool``.

    Raises:
        InputError: Ray isn't installed, or the cluster can't be reached.
    """

    def __init__(self, runner: str, settings: object, size: int, timeouts: Timeouts) -> None:
        try:
            import ray
        except ImportError as error:
            raise InputError(
                "--executor ray needs the package 'ray': run pip install 'mobile-vla-sim[ray]', or leave the flag out"
            ) from error
        self._ray = ray
        self._arguments = (runner, settings, timeouts)
        self._size = size
        self._workers: list[Any] = []

    def __enter__(self) -> RayWorkerPool:
        try:
            self._ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise InputError(f"the Ray cluster can't be reached (see RAY_ADDRESS): {error}") from error
        self._workers = [self._start_worker() for _ in range(self._size)]
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.clear()
        self._ray.shutdown()

    def _start_worker(self) -> Any:
        return self._ray.remote(num_cpus=1)(RayWorker).remote(*self._arguments)

    def run(self, jobs: Sequence[Job], listener: PoolListener) -> None:
        """Run all jobs as ``WorkerPool.run`` does; the parts of a job arrive when it has ended.

        Raises:
            InputError: A worker rejected the input.
        """
        queue = JobQueue(jobs, listener)
        idle, busy = list(self._workers), {}
        while not queue.is_over:
            while idle and (job := queue.next_job()):
                worker = idle.pop()
                busy[worker.do.remote(job)] = (worker, job)
            for future in self._ray.wait(list(busy), num_returns=1)[0] if busy else []:
                worker, job = busy.pop(future)
                try:
                    events, files = self._ray.get(future)
                except self._ray.exceptions.RayError as error:
                    self._workers.remove(worker)
                    worker = self._start_worker()
                    self._workers.append(worker)
                    queue.retry_or_give_up(job, f"its node was lost ({type(error).__name__})", ready=True)
                else:
                    _write_files(job, files)
                    for kind, content in events:
                        _report_event(queue, job, kind, content)
                idle.append(worker)


def _write_files(job: Job, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        assert job.out is not None  # only a job with a folder writes files
        path = job.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _report_event(queue: JobQueue, job: Job, kind: str, content: Any) -> None:
    match kind:
        case "part":
            queue.listener.part(job, content)
        case "done":
            queue.mark_finished(job)
            queue.listener.done(job, content)
        case "hung":
            queue.mark_finished(job)
            queue.listener.hung(job, *content)
        case "failed":
            queue.give_up(job, content)
        case "input":
            raise InputError(content)
