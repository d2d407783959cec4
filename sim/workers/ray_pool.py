"""Workers on a Ray cluster, with the interface of ``sim.workers.pool.WorkerPool``: the same jobs give the same rows.

Every Ray actor runs a pool of one worker, so a policy that hangs or kills its process is detected and ended on its own
node. Files that a job writes are returned as bytes, so nodes need no shared folder. They need this package and the
policy's files at the same path.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from sim.workers.job import Job, JsonObject, PoolListener
from sim.workers.job_queue import JobQueue
from sim.workers.pool import Timeouts, WorkerPool

Event = tuple[str, Any]
ANSWER_S = 5.0  # for a connection
CONNECT_S = 120.0  # until Ray is ready
END_S = 10.0  # for a worker to end by itself


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

    def close(self) -> None:
        """End the worker, and remove what it left behind."""
        self._pool.__exit__()

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
        address = os.environ.get("RAY_ADDRESS", "")
        check_address(address)
        connect_ray(
            partial(self._ray.init, log_to_driver=False, include_dashboard=False, configure_logging=False), address
        )
        self._workers = [self._start_worker() for _ in range(self._size)]
        return self

    def __exit__(self, *_: object) -> None:
        ended = [worker.close.remote() for worker in self._workers]
        if ended:
            self._ray.wait(ended, num_returns=len(ended), timeout=END_S)
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


def check_address(address: str) -> None:
    """Check within seconds that something answers at the address of a cluster; Ray itself would wait for minutes.

    Args:
        address: As in RAY_ADDRESS; "", "auto" and "local" name no place.

    Raises:
        InputError: It is no address, or nothing answers.
    """
    if address in ("", "auto", "local"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InputError(f"RAY_ADDRESS '{address}': give HOST:PORT or ray://HOST:PORT, or unset it to use this machine")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()
    except OSError as error:
        raise InputError(
            f"RAY_ADDRESS '{address}': nothing answers there ({error.strerror or error}): correct it, start a cluster "
            f"with 'ray start --head', or unset it to use this machine"
        ) from None


def connect_ray(start: Callable[[], object], address: str, limit_s: float = CONNECT_S) -> None:
    """Connect to a cluster, or start one on this machine.

    Args:
        start: Does it; in a thread if a cluster is there already, as Ray waits for ever for what is none.
        address: As in RAY_ADDRESS, for errors.
        limit_s: Time for a cluster that is given by its address.

    Raises:
        InputError: It fails, or takes too long.
    """
    failures: list[Exception] = []

    def try_to() -> None:
        log = logging.getLogger("ray._private.worker")
        level = log.level
        log.setLevel(logging.ERROR)  # it warns that only a main thread can handle signals
        try:
            start()
        except Exception as error:  # noqa: BLE001  told by the thread that waits
            failures.append(error)
        log.setLevel(level)

    handler = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=try_to, daemon=True)
    if address not in ("", "local"):
        thread.start()
        thread.join(limit_s)
    else:  # the processes that Ray starts end with the thread that started them
        try_to()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray sets its own
    where = f"RAY_ADDRESS '{address}'" if address else "Ray on this machine"
    if thread.is_alive():
        raise InputError(f"{where}: no Ray cluster answers there within {limit_s:g} s: is it one, of the same version?")
    for failure in failures:
        reason = " ".join(str(failure).split())
        if "AF_UNIX" in reason:  # a socket's path is limited to 107 bytes
            raise InputError(
                "the path of Ray's temporary folder is too long for its sockets: set RAY_TMPDIR to a short one, as /tmp"
            ) from failure
        if not isinstance(failure, OSError | RuntimeError | ValueError):
            raise failure
        raise InputError(f"{where}: {reason}") from failure


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
