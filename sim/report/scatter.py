"""The picture of offline MAE against success: where points, intervals, floors and names go, in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.agreement import REFERENCE, select_baselines
from sim.offline.baselines import CONSTANT_BASELINES, HOLD_BASELINE

WIDTH, HEIGHT = 920, 500
LEFT, RIGHT, TOP, BOTTOM = 64.0, WIDTH - 16.0, 34.0, HEIGHT - 56.0  # of the plot
LETTER_WIDTH, LINE_HEIGHT = (
    7.4,
    15.0,
)  # a name's width per letter and its height, at 12.5 pixels; rather too large than too small
MARK_HALF_SIZE = 6.0  # half the side of what a point covers
GAP = 5.0  # between a point and its name, and between two names
HEADING_WIDTH = 120.0  # that the names of two floors need
MAX_NAME_LENGTH = 30  # letters of a name; of a longer one the end is shown
TARGET_TICKS = 6
LEADER_DISTANCE = 14.0  # from where on a line leads from a name to its point
AMBIGUITY_COST = 25.0  # pixels that a name rather goes away than be taken for another point's


@dataclass(frozen=True)
class LabelBox:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: LabelBox) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True)
class ScatterPoint:
    """A policy in the picture.

    Attributes:
        name: As shown.
        kind: As in ``sim.analysis.agreement``.
        x, y: Its place.
        left, right, top, bottom: Ends of the intervals of MAE and of success.
        label: Where the name is.
        leader: Where a line from the point to its name ends; None if the name is beside it.
    """

    name: str
    kind: str
    x: float
    y: float
    left: float
    right: float
    top: float
    bottom: float
    label: LabelBox
    leader: tuple[float, float] | None


def lay_out_scatter(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The picture of the ``rows`` of an agreement; None with fewer than two points.

    References far to the right of all others are left away: there the floors stand for them.

    Returns:
        ``points``; ``choose_ticks`` of the MAE as (x, number); ``floors`` as (x, name, MAE, text anchor): the best
        constant and ``hold``.
    """
    with_both = [row for row in rows if row["mae"] is not None and row["success"] is not None]
    if len(with_both) < 2:
        return None
    floors = _best_baselines(with_both)
    others = [row["mae"]["high"] for row in with_both if row["kind"] != REFERENCE]
    largest = 1.05 * max(others + list(floors.values()) or [row["mae"]["high"] for row in with_both]) or 1.0
    shown = [row for row in with_both if row["mae"]["mean"] <= largest]
    smallest = max(0.0, min([row["mae"]["low"] for row in shown] + list(floors.values())) - 0.05 * largest)
    if len(shown) < 2:
        return None

    def across(mae: float) -> float:
        share = (mae - smallest) / (largest - smallest)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)

    return {
        "points": _points(shown, across),
        "ticks": [(across(tick), tick) for tick in choose_ticks(smallest, largest)],
        "floors": _baseline_headings({name: (across(value), value) for name, value in floors.items()}),
    }


def _baseline_headings(lines: Mapping[str, tuple[float, float]]) -> list[tuple[float, str, float, str]]:
    """(x, name, MAE, text anchor) of each floor; names of neighbours stand away from each other."""
    ordered = sorted((x, name, value) for name, (x, value) in lines.items())
    close = len(ordered) == 2 and ordered[1][0] - ordered[0][0] < HEADING_WIDTH
    anchors = ("end", "start") if close else ("middle", "middle")
    return [(*line, anchor) for line, anchor in zip(ordered, anchors, strict=False)]


def _best_baselines(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The best constant and ``hold``."""
    floors = select_baselines(rows)
    constants = {name: floors[name] for name in CONSTANT_BASELINES if name in floors}
    best = sorted(constants, key=lambda name: constants[name])[:1]
    return {name: floors[name] for name in (*best, HOLD_BASELINE) if name in floors}


def y_of_rate(rate: float) -> float:
    """The y of a success rate."""
    return BOTTOM - (BOTTOM - TOP) * rate


def choose_ticks(smallest: float, largest: float) -> list[float]:
    """Round numbers from one to the other, about ``TARGET_TICKS`` of them."""
    rough = (largest - smallest) / TARGET_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= rough)
    return [step * count for count in range(math.ceil(smallest / step), math.floor(largest / step) + 1)]


def _points(rows: Sequence[Mapping[str, Any]], across: Callable[[float], float]) -> list[ScatterPoint]:
    places = [(across(row["mae"]["mean"]), y_of_rate(row["success"]["rate"])) for row in rows]
    names = [truncate_left(row["policy"]) for row in rows]
    return [
        ScatterPoint(
            name,
            row["kind"],
            x,
            y,
            across(row["mae"]["low"]),
            across(row["mae"]["high"]),
            y_of_rate(row["success"]["high"]),
            y_of_rate(row["success"]["low"]),
            label,
            _leader(label, x, y),
        )
        for row, name, (x, y), label in zip(rows, names, places, place_labels(places, names), strict=True)
    ]


def truncate_left(name: str) -> str:
    """A name, or the end of a long one."""
    return name if len(name) <= MAX_NAME_LENGTH else "…" + name[1 - MAX_NAME_LENGTH :]


def place_labels(places: Sequence[tuple[float, float]], names: Sequence[str]) -> list[LabelBox]:
    """Where names go so that none covers another or a point: each as near to its point as those before it allow.

    The most crowded points choose first.
    """
    spots = np.array(places, np.float64).reshape(-1, 2)
    crowd = [int((np.hypot(*(spots - spot).T) < 60.0).sum()) for spot in spots]
    covered = [
        LabelBox(x - MARK_HALF_SIZE, y - MARK_HALF_SIZE, x + MARK_HALF_SIZE, y + MARK_HALF_SIZE) for x, y in places
    ]
    found: dict[int, LabelBox] = {}
    for index in sorted(range(len(places)), key=lambda index: (-crowd[index], index)):
        found[index] = _nearest(index, places, LETTER_WIDTH * len(names[index]), covered)
        covered.append(found[index])
    return [found[index] for index in range(len(places))]


def _nearest(index: int, places: Sequence[tuple[float, float]], width: float, covered: Sequence[LabelBox]) -> LabelBox:
    """The free rectangle for the name of a point that is nearest to it, and nearer to it than to any other point."""
    x, y = places[index]
    lefts, tops = np.meshgrid(np.arange(LEFT + 4, RIGHT - width, 4.0), np.arange(TOP, BOTTOM - LINE_HEIGHT, 3.0))
    beside = np.array(
        [[x + MARK_HALF_SIZE + GAP, y - LINE_HEIGHT / 2], [x - MARK_HALF_SIZE - GAP - width, y - LINE_HEIGHT / 2]]
    )
    left, top = np.vstack([beside, np.column_stack([lefts.ravel(), tops.ravel()])]).T
    right, bottom = left + width, top + LINE_HEIGHT
    free = (left > LEFT) & (right < RIGHT + 8) & (top >= TOP - LINE_HEIGHT / 2) & (bottom < BOTTOM + LINE_HEIGHT / 2)
    for box in covered:
        free &= (left >= box.right + GAP) | (right + GAP <= box.left) | (top >= box.bottom) | (bottom <= box.top)
    distances = [
        np.hypot(np.maximum(np.maximum(left - px, px - right), 0.0), np.maximum(np.maximum(top - py, py - bottom), 0.0))
        for px, py in places
    ]
    cost = distances[index] + 0.05 * np.abs((left + right) / 2 - x)
    cost[:2] = 0.0, 3.0  # beside its point is best, and to the right
    others = [distance for place, distance in enumerate(distances) if place != index]
    if others:
        cost += np.where(np.min(others, axis=0) < distances[index] + GAP, AMBIGUITY_COST, 0.0)
    cost[~free] += 1e6  # a picture too full for all names shows them one upon the other
    best = int(cost.argmin())
    return LabelBox(float(left[best]), float(top[best]), float(right[best]), float(bottom[best]))


def _leader(label: LabelBox, x: float, y: float) -> tuple[float, float] | None:
    """The end at the name of a line from a point, if the name isn't beside it."""
    near = min(max(x, label.left), label.right), min(max(y, label.top), label.bottom)
    return near if math.dist(near, (x, y)) > LEADER_DISTANCE else None
