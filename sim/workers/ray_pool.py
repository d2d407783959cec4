"""Workers on a Ray cluster, behind the interface of ``sim.workers.pool.WorkerPool``: the same units, so the same rows.

Every Ray actor holds a crew of one, so a policy that hangs or kills its process is seen and ended on its own node. What
a unit writes comes back as bytes: nodes need no folder in common. They need this package, the policy's files at the
same path, and nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from sim.workers.pool import Job, JobQueue, Timeouts, WorkerPool
from sim.workers.process import JsonObject

Event = tuple[str, Any]


class _EventLog:
    """Hears how a unit went on its node, to be told where the run is."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def part(self, unit: Job, part: JsonObject) -> None:
        self.events.append(("part", part))

    def done(self, unit: Job, result: JsonObject) -> None:
        self.events.append(("done", result))

    def hung(self, unit: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        self.events.append(("hung", [list(parts), seconds]))

    def failed(self, unit: Job, reason: str) -> None:
        self.events.append(("failed", reason))


class RayWorker:
    """On a node of the cluster: a crew of one, for one unit at a time."""

    def __init__(self, workshop: tuple[str, str], settings: JsonObject, limits: Timeouts) -> None:
        self._pool = WorkerPool(workshop, settings, 1, limits).__enter__()

    def do(self, unit: Job) -> tuple[list[Event], dict[str, bytes]]:
        """How the unit went, and the files that it wrote, by their path below ``out``."""
        notes = _EventLog()
        with tempfile.TemporaryDirectory(prefix="mobile-vla-") as folder:
            here = {**unit.arguments, **({"out": folder} if "out" in unit.arguments else {})}
            try:
                self._pool.run([replace(unit, arguments=here, after=frozenset())], notes)
            except InputError as error:
                notes.events.append(("input", str(error)))
            paths = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
            return notes.events, {str(path.relative_to(folder)): path.read_bytes() for path in paths}


class RayWorkerPool:
    """So many stations on a cluster. A context manager: leaving it ends them.

    The cluster is the one that ``RAY_ADDRESS`` names; without it, one on this machine is started and ended.

    Args:
        workshop, settings, size, limits: As of ``sim.workers.pool.WorkerPool``.

    Raises:
        InputError: Ray isn't installed, or the cluster can't be reached.
    """

    def __init__(self, workshop: tuple[str, str], settings: JsonObject, size: int, limits: Timeouts) -> None:
        try:
            import ray
        except ImportError as error:
            raise InputError(
                "--executor ray needs the package 'ray': pip install 'mobile-vla-sim[ray]', or leave the flag out"
            ) from error
        self._ray = ray
        self._arguments = (workshop, settings, limits)
        self._size = size
        self._workers: list[Any] = []

    def __enter__(self) -> RayWorkerPool:
        try:
            self._ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise InputError(f"no Ray cluster can be reached (see RAY_ADDRESS): {error}") from error
        self._workers = [self._start_worker() for _ in range(self._size)]
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.clear()
        self._ray.shutdown()

    def _start_worker(self) -> Any:
        return self._ray.remote(num_cpus=1)(RayWorker).remote(*self._arguments)

    def run(self, units: Sequence[Job], listener: Any) -> None:
        """As ``WorkerPool.run``; parts are heard when their unit is over.

        Raises:
            InputError: A station found the input bad.
        """
        shift = JobQueue(units, listener)
        idle, busy = list(self._workers), {}
        while not shift.is_over:
            while idle and (unit := shift.next_job()):
                station = idle.pop()
                busy[station.do.remote(unit)] = (station, unit)
            for future in self._ray.wait(list(busy), num_returns=1)[0] if busy else []:
                station, unit = busy.pop(future)
                try:
                    events, files = self._ray.get(future)
                except self._ray.exceptions.RayError as error:
                    self._workers.remove(station)
                    station = self._start_worker()
                    self._workers.append(station)
                    shift.retry_or_give_up(unit, f"its node was lost ({type(error).__name__})", ready=True)
                else:
                    _write_files(unit, files)
                    for kind, content in events:
                        _report_event(shift, unit, kind, content)
                idle.append(station)


def _write_files(unit: Job, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = Path(unit.arguments["out"]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _report_event(shift: JobQueue, unit: Job, kind: str, content: Any) -> None:
    match kind:
        case "part":
            shift.listener.part(unit, content)
        case "done":
            shift.mark_finished(unit)
            shift.listener.done(unit, content)
        case "hung":
            shift.mark_finished(unit)
            shift.listener.hung(unit, *content)
        case "failed":
            shift.give_up(unit, content)
        case "input":
            raise InputError(content)
