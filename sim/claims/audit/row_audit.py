"""The audit of a reported error: in which readings it beats every baseline, and on whose figures it lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sim.claims.audit.error_table import DIMENSIONS, FRAMES_COLUMN, UNIT, ReportedError
from sim.claims.audit.frame_labels import FIRST
from sim.claims.audit.readings import BaselineFigure, Reading

BEATS, WORSE, CANNOT_TELL = "beats every baseline", "worse than a baseline", "cannot tell"
WON, LOST, OPEN = "won", "lost", "open"


@dataclass(frozen=True)
class RowAudit:
    """What a reported error says next to baselines.

    Attributes:
        error: As reported.
        won: Readings in which it is below every baseline's figure.
        lost: Readings in which the best baseline's figure is below it.
        open: Readings in which it can't be told from the best baseline, as figures are rounded or of few frames.
        equals: Baselines' figures that it lies on.
        nearest: The baseline's figure that is nearest to it.
    """

    error: ReportedError
    won: tuple[Reading, ...]
    lost: tuple[Reading, ...]
    open: tuple[Reading, ...]
    equals: tuple[BaselineFigure, ...]
    nearest: BaselineFigure

    @property
    def readings(self) -> tuple[Reading, ...]:
        """All readings that fit what the table states."""
        return (*self.won, *self._others)

    @property
    def counts(self) -> tuple[int, int]:
        """Readings in which it beats every baseline, and all readings that count.

        Those on first frames alone count only where that is what the table states: all their labels may be equal, and
        then no error is below a baseline's.
        """
        counted = [[reading for reading in readings if self._counts(reading)] for readings in (self.won, self._others)]
        return len(counted[0]), len(counted[0]) + len(counted[1])

    @property
    def _others(self) -> tuple[Reading, ...]:
        return (*self.lost, *self.open)

    def _counts(self, reading: Reading) -> bool:
        return counts_reading(self.error, reading)

    @property
    def verdict(self) -> str:
        """Whether it beats every baseline, whatever it means."""
        won, total = self.counts
        if any(map(self._counts, self.open)) or 0 < won < total:
            return CANNOT_TELL
        return BEATS if won else WORSE


@dataclass(frozen=True)
class ErrorRecord:
    """The audit of a reported error as it is stored."""

    system: str
    """Name of the system."""
    column: str
    """Of the table."""
    error: float
    """As reported."""
    verdict: str | None
    """Whether it beats every baseline; None without labels for it."""
    beaten: int = 0
    """Number of readings in which it does."""
    readings: int = 0
    """Number of readings that count."""
    won: tuple[str, ...] = ()
    """Readings in which it does."""
    equals: tuple[str, ...] = ()
    """Baselines' figures that it lies on."""


@dataclass(frozen=True)
class AuditRecord:
    """The audit of a table as it is stored."""

    labels: str
    """What the labels are, in a few words."""
    audit: tuple[ErrorRecord, ...]
    """In the table's order."""


def counts_reading(error: ReportedError, reading: Reading) -> bool:
    """Return whether a reading counts: on first frames only where the table states them."""
    return reading.frames != FIRST or FRAMES_COLUMN in error.stated


def audit_error(error: ReportedError, figures: Sequence[BaselineFigure]) -> RowAudit | None:
    """Audit a reported error; None if no labels are known for what the table states about it."""
    possible = [figure for figure in figures if _fits(figure.reading, error)]
    if not possible:
        return None
    groups: dict[str, list[Reading]] = {WON: [], LOST: [], OPEN: []}
    for reading, of_reading in groupby(possible, key=lambda figure: figure.reading):
        groups[_compare(error, list(of_reading))].append(reading)
    counted = [figure for figure in possible if counts_reading(error, figure.reading)] or possible
    return RowAudit(
        error,
        tuple(groups[WON]),
        tuple(groups[LOST]),
        tuple(groups[OPEN]),
        tuple(figure for figure in counted if _distance(error, figure) <= _allow(error, figure, None)),
        min(counted, key=lambda figure: _distance(error, figure)),
    )


def _fits(reading: Reading, error: ReportedError) -> bool:
    stated = {UNIT: reading.unit, DIMENSIONS: str(reading.axes), FRAMES_COLUMN: reading.frames}
    return reading.metric in error.metrics and all(stated[key] == value for key, value in error.stated.items())


def _distance(error: ReportedError, figure: BaselineFigure) -> float:
    return abs(error.value - figure.value)


def _allow(error: ReportedError, figure: BaselineFigure, samples: int | None) -> float:
    return figure.tolerance(samples) + error.rounded_to + 1e-9


def _compare(error: ReportedError, figures: Sequence[BaselineFigure]) -> str:
    best = min(figures, key=lambda figure: figure.value)
    if _distance(error, best) <= _allow(error, best, error.samples):
        return OPEN
    return WON if error.value < best.value else LOST


def share_on_figures(error: ReportedError, figures: Iterable[BaselineFigure]) -> float:
    """Return how much of the range up to the largest baseline's figure lies on one of them, by an error's rounding.

    That is how often a figure drawn at random from this range coincides with one.
    """
    ends = sorted(
        (max(0.0, figure.value - _allow(error, figure, None)), figure.value + _allow(error, figure, None))
        for figure in figures
        if _fits(figure.reading, error) and counts_reading(error, figure.reading)
    )
    top = max(high for _, high in ends)
    lows, highs = np.array(ends).T
    reached = np.maximum.accumulate(np.concatenate([[0.0], highs[:-1]]))
    return float(np.clip(highs - np.maximum(lows, reached), 0.0, None).sum() / top)
