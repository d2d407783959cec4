"""Workers on a Ray cluster, behind the interface of ``sim.workers.pool.Crew``: the same units, so the same rows.

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
from sim.workers.pool import Crew, Limits, Shift, Unit
from sim.workers.process import Json

Event = tuple[str, Any]


class _Notes:
    """Hears how a unit went on its node, to be told where the run is."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def part(self, unit: Unit, part: Json) -> None:
        self.events.append(("part", part))

    def done(self, unit: Unit, result: Json) -> None:
        self.events.append(("done", result))

    def hung(self, unit: Unit, parts: Sequence[Json], seconds: float) -> None:
        self.events.append(("hung", [list(parts), seconds]))

    def failed(self, unit: Unit, reason: str) -> None:
        self.events.append(("failed", reason))


class Station:
    """On a node of the cluster: a crew of one, for one unit at a time."""

    def __init__(self, workshop: tuple[str, str], settings: Json, limits: Limits) -> None:
        self._crew = Crew(workshop, settings, 1, limits).__enter__()

    def do(self, unit: Unit) -> tuple[list[Event], dict[str, bytes]]:
        """How the unit went, and the files that it wrote, by their path below ``out``."""
        notes = _Notes()
        with tempfile.TemporaryDirectory(prefix="mobile-vla-") as folder:
            here = {**unit.arguments, **({"out": folder} if "out" in unit.arguments else {})}
            try:
                self._crew.run([replace(unit, arguments=here, after=frozenset())], notes)
            except InputError as error:
                notes.events.append(("input", str(error)))
            paths = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
            return notes.events, {str(path.relative_to(folder)): path.read_bytes() for path in paths}


class RayCrew:
    """So many stations on a cluster. A context manager: leaving it ends them.

    The cluster is the one that ``RAY_ADDRESS`` names; without it, one on this machine is started and ended.

    Args:
        workshop, settings, size, limits: As of ``sim.workers.pool.Crew``.

    Raises:
        InputError: Ray isn't installed, or the cluster can't be reached.
    """

    def __init__(self, workshop: tuple[str, str], settings: Json, size: int, limits: Limits) -> None:
        try:
            import ray
        except ImportError as error:
            raise InputError(
                "--executor ray needs the package 'ray': pip install 'mobile-vla-sim[ray]', or leave the flag out"
            ) from error
        self._ray = ray
        self._arguments = (workshop, settings, limits)
        self._size = size
        self._stations: list[Any] = []

    def __enter__(self) -> RayCrew:
        try:
            self._ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise InputError(f"no Ray cluster can be reached (see RAY_ADDRESS): {error}") from error
        self._stations = [self._station() for _ in range(self._size)]
        return self

    def __exit__(self, *_: object) -> None:
        self._stations.clear()
        self._ray.shutdown()

    def _station(self) -> Any:
        return self._ray.remote(num_cpus=1)(Station).remote(*self._arguments)

    def run(self, units: Sequence[Unit], listener: Any) -> None:
        """As ``Crew.run``; parts are heard when their unit is over.

        Raises:
            InputError: A station found the input bad.
        """
        shift = Shift(units, listener)
        idle, busy = list(self._stations), {}
        while not shift.over:
            while idle and (unit := shift.next()):
                station = idle.pop()
                busy[station.do.remote(unit)] = (station, unit)
            for future in self._ray.wait(list(busy), num_returns=1)[0] if busy else []:
                station, unit = busy.pop(future)
                try:
                    events, files = self._ray.get(future)
                except self._ray.exceptions.RayError as error:
                    self._stations.remove(station)
                    station = self._station()
                    self._stations.append(station)
                    shift.lost(unit, f"its node was lost ({type(error).__name__})", ready=True)
                else:
                    _keep(unit, files)
                    for kind, content in events:
                        _tell(shift, unit, kind, content)
                idle.append(station)


def _keep(unit: Unit, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = Path(unit.arguments["out"]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _tell(shift: Shift, unit: Unit, kind: str, content: Any) -> None:
    match kind:
        case "part":
            shift.listener.part(unit, content)
        case "done":
            shift.finished(unit)
            shift.listener.done(unit, content)
        case "hung":
            shift.finished(unit)
            shift.listener.hung(unit, *content)
        case "failed":
            shift.give_up(unit, content)
        case "input":
            raise InputError(content)
