"""The learning curve of a training, as a CSV file that survives interruptions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Self

from scenarios.common.errors import InputError
from scenarios.common.files import write_text
from sim.training.curve_chart import draw_learning_curve
from sim.training.held_out import HeldOutResult


@dataclass(frozen=True)
class CurvePoint:
    """One line of the file."""

    timesteps: int
    """Environment steps of training so far."""
    seconds: float
    """Wall time of training so far, driving of held-out episodes included."""
    episodes: int
    """Held-out episodes."""
    successes: int
    success: float
    """Successes per episode."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    mean_steps: float
    """Control steps of an episode."""
    ends: str
    """How the episodes ended, e.g. "success 31; collision 19"."""

    @classmethod
    def of(cls, timesteps: int, seconds: float, result: HeldOutResult) -> Self:
        """Make the point of a result."""
        rate = result.success
        ends = "; ".join(f"{status} {count}" for status, count in result.statuses.items())
        return cls(
            timesteps,
            round(seconds, 1),
            rate.n,
            rate.k,
            round(rate.rate, 4),
            round(rate.low, 4),
            round(rate.high, 4),
            round(result.mean_steps, 1),
            ends,
        )


COLUMNS = tuple(field.name for field in fields(CurvePoint))


class LearningCurve:
    """A CSV file with a line for each point, and its picture beside it, as an SVG file of the same name.

    Args:
        path: The CSV file; its points are kept if it exists.

    Raises:
        InputError: It exists and isn't a learning curve.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.points = list(_read_points(path)) if path.exists() else []

    def begin_at(self, timesteps: int) -> None:
        """Forget the points after so many steps: a training that goes on from an earlier checkpoint repeats them."""
        self.points = [point for point in self.points if point.timesteps <= timesteps]
        self._write()

    def add(self, point: CurvePoint) -> None:
        """Add a point and write the file."""
        self.points.append(point)
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = [",".join(COLUMNS), *(",".join(str(value) for value in astuple(point)) for point in self.points)]
        write_text(self.path, "\n".join(lines) + "\n")
        if self.points:
            write_text(self.path.with_suffix(".svg"), draw_learning_curve(self.points))


def _read_points(path: Path) -> Iterator[CurvePoint]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(f"{path} is not a learning curve: its columns must be {', '.join(COLUMNS)}")
        for row in reader:
            try:
                yield _parse_point(row)
            except (TypeError, ValueError) as error:
                raise InputError(f"{path}, line {reader.line_num}: {error}") from error


def _parse_point(row: dict[str, str]) -> CurvePoint:
    return CurvePoint(
        int(row["timesteps"]),
        float(row["seconds"]),
        int(row["episodes"]),
        int(row["successes"]),
        float(row["success"]),
        float(row["low"]),
        float(row["high"]),
        float(row["mean_steps"]),
        row["ends"],
    )
