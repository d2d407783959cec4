"""Layout of the scatter plot of offline MAE against success, in pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.analysis.agreement import select_baselines
from sim.offline.baselines import CONSTANT_BASELINES, HOLD_BASELINE
from sim.results.summary.agreement import REFERENCE, MeanMae, PolicyKind, PolicyResult
from sim.results.summary.rates import SuccessRate

WIDTH, HEIGHT = 920, 500
LEFT, RIGHT, TOP, BOTTOM = 64.0, WIDTH - 16.0, 34.0, HEIGHT - 56.0  # of the plot
# Width of a name per character and its height, at a font size of 12.5 pixels; upper estimates.
LETTER_WIDTH, LINE_HEIGHT = 7.4, 15.0
MARK_HALF_SIZE = 6.0  # half the side of the square that a point covers
GAP = 5.0  # between a point and its name, and between two names
HEADING_WIDTH = 120.0  # space that the names of two baselines need
MAX_NAME_LENGTH = 30  # characters; of a longer name only the end is shown
TARGET_TICKS = 6
LEADER_DISTANCE = 14.0  # from this distance on, a line connects a name to its point
NAMED_POINTS = 25  # shown beside their points; the others only when pointed at
NEIGHBOURS = 12  # points to which a name could seem to belong
AMBIGUITY_COST = 25.0  # pixels that a name moves away to avoid a place nearer to another point


@dataclass(frozen=True)
class LabelBox:
    """A rectangle, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: LabelBox) -> bool:
        """Return whether two rectangles overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True)
class ScatterPoint:
    """A policy in the plot.

    Attributes:
        name: As shown.
        kind: As in ``sim.results.summary.agreement``.
        x, y: Its position.
        left, right, top, bottom: Ends of the intervals of MAE and of success.
        label: Rectangle of the name; None where it isn't shown.
        leader: End of the line from the point to its name; None if the name is next to it.
    """

    name: str
    kind: PolicyKind
    x: float
    y: float
    left: float
    right: float
    top: float
    bottom: float
    label: LabelBox | None
    leader: tuple[float, float] | None


class BaselineLine(NamedTuple):
    """A baseline's error as a vertical line in the plot."""

    x: float
    """Its position."""
    name: str
    """Name of the baseline."""
    mae: float
    """Its offline MAE, in actions."""
    anchor: str
    """Anchor of its name at the line: "start", "middle" or "end"."""


@dataclass(frozen=True)
class Scatter:
    """The scatter plot of an agreement."""

    points: tuple[ScatterPoint, ...]
    """One per policy."""
    ticks: tuple[tuple[float, float], ...]
    """(x, MAE) of the ticks."""
    baselines: tuple[BaselineLine, ...]
    """The best constant and ``hold``."""


def lay_out_scatter(rows: Sequence[PolicyResult]) -> Scatter | None:
    """Lay out the results of an agreement; None with fewer than two points.

    References far to the right of all others are left out.
    """
    placed = [PlacedPolicy(row.policy, row.kind, row.mae, row.success) for row in rows if row.mae and row.success]
    baselines = _best_baselines(rows)
    scale = _choose_scale(placed, baselines)
    shown = [policy for policy in placed if policy.mae.mean <= scale.largest]
    if len(shown) < 2:
        return None
    return Scatter(
        points=_place_points(shown, scale),
        ticks=tuple((scale.x(tick), tick) for tick in choose_ticks(scale.smallest, scale.largest)),
        baselines=_place_baselines(baselines, scale),
    )


class PlacedPolicy(NamedTuple):
    """A policy that has both errors and successes, and so a position."""

    name: str
    kind: PolicyKind
    mae: MeanMae
    success: SuccessRate

    @property
    def low(self) -> float:
        """Lower end of the MAE's interval; the MAE where there is none."""
        return self.mae.mean if self.mae.low is None else self.mae.low

    @property
    def high(self) -> float:
        """Upper end of the MAE's interval; the MAE where there is none."""
        return self.mae.mean if self.mae.high is None else self.mae.high


class MaeScale(NamedTuple):
    """The range of MAEs that the plot shows."""

    smallest: float
    largest: float

    def x(self, mae: float) -> float:
        """Return the x of an MAE, in pixels; values outside the range are at the border."""
        share = (mae - self.smallest) / (self.largest - self.smallest)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)


def _choose_scale(placed: Sequence[PlacedPolicy], baselines: Mapping[str, float]) -> MaeScale:
    """Choose a range for all intervals and baselines; for references only if there is nothing else."""
    others = [policy.high for policy in placed if policy.kind != REFERENCE]
    widest = [*others, *baselines.values()] or [policy.high for policy in placed]
    largest = 1.05 * max(widest, default=0.0) or 1.0
    lows = [policy.low for policy in placed if policy.mae.mean <= largest]
    smallest = min([*lows, *baselines.values()], default=0.0)
    return MaeScale(max(0.0, smallest - 0.05 * largest), largest)


def _place_baselines(baselines: Mapping[str, float], scale: MaeScale) -> tuple[BaselineLine, ...]:
    """Place the lines of baselines; the names of close neighbours point away from each other."""
    ordered = sorted((scale.x(mae), name, mae) for name, mae in baselines.items())
    close = len(ordered) == 2 and ordered[1][0] - ordered[0][0] < HEADING_WIDTH
    anchors = ("end", "start") if close else ("middle", "middle")
    return tuple(BaselineLine(*line, anchor) for line, anchor in zip(ordered, anchors, strict=False))


def _best_baselines(rows: Sequence[PolicyResult]) -> dict[str, float]:
    """The best constant and ``hold``."""
    baselines = select_baselines([row for row in rows if row.success])
    constants = [name for name in CONSTANT_BASELINES if name in baselines]
    best = sorted(constants, key=lambda name: baselines[name])[:1]
    return {name: baselines[name] for name in (*best, HOLD_BASELINE) if name in baselines}


def y_of_rate(rate: float) -> float:
    """Return the y of a success rate, in pixels."""
    return BOTTOM - (BOTTOM - TOP) * rate


def choose_ticks(smallest: float, largest: float) -> list[float]:
    """Choose about ``TARGET_TICKS`` round numbers in a range."""
    rough = (largest - smallest) / TARGET_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= rough)
    return [step * count for count in range(math.ceil(smallest / step), math.floor(largest / step) + 1)]


def _place_points(policies: Sequence[PlacedPolicy], scale: MaeScale) -> tuple[ScatterPoint, ...]:
    places = [(scale.x(policy.mae.mean), y_of_rate(policy.success.rate)) for policy in policies]
    names = [truncate_left(policy.name) for policy in policies]
    labels = place_labels(places, names)
    return tuple(
        ScatterPoint(
            name=name,
            kind=policy.kind,
            x=x,
            y=y,
            left=scale.x(policy.low),
            right=scale.x(policy.high),
            top=y_of_rate(policy.success.high),
            bottom=y_of_rate(policy.success.low),
            label=label,
            leader=_leader(label, x, y),
        )
        for policy, name, (x, y), label in zip(policies, names, places, labels, strict=True)
    )


def truncate_left(name: str) -> str:
    """Return a name, or the end of a long one."""
    return name if len(name) <= MAX_NAME_LENGTH else "…" + name[1 - MAX_NAME_LENGTH :]


def place_labels(places: Sequence[tuple[float, float]], names: Sequence[str]) -> list[LabelBox | None]:
    """Place names so that none covers another or a point, each as near to its point as possible.

    The names of the most crowded points are placed first. After the first ``NAMED_POINTS`` points, none has one.
    """
    spots = np.array(places, np.float64).reshape(-1, 2)
    crowd = [int((np.hypot(*(spots - spot).T) < 60.0).sum()) for spot in spots]
    covered = [
        LabelBox(x - MARK_HALF_SIZE, y - MARK_HALF_SIZE, x + MARK_HALF_SIZE, y + MARK_HALF_SIZE) for x, y in places
    ]
    found: dict[int, LabelBox] = {}
    for index in sorted(range(len(places[:NAMED_POINTS])), key=lambda index: (-crowd[index], index)):
        found[index] = _nearest(index, places, LETTER_WIDTH * len(names[index]), covered)
        covered.append(found[index])
    return [found.get(index) for index in range(len(places))]


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
    own, *others = [
        np.hypot(np.maximum(np.maximum(left - px, px - right), 0.0), np.maximum(np.maximum(top - py, py - bottom), 0.0))
        for px, py in _list_neighbours(index, places)
    ]
    cost = own + 0.05 * np.abs((left + right) / 2 - x)
    cost[:2] = 0.0, 3.0  # next to its point is best, first on the right
    if others:
        cost += np.where(np.min(others, axis=0) < own + GAP, AMBIGUITY_COST, 0.0)
    cost[~free] += 1e6  # if there is no room, names overlap
    best = int(cost.argmin())
    return LabelBox(float(left[best]), float(top[best]), float(right[best]), float(bottom[best]))


def _list_neighbours(index: int, places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A point, and those that are nearest to it."""
    others = sorted((math.dist(place, places[index]), place) for at, place in enumerate(places) if at != index)
    return [places[index], *(place for _, place in others[:NEIGHBOURS])]


def _leader(label: LabelBox | None, x: float, y: float) -> tuple[float, float] | None:
    """The end at the name of a line from a point, if the name isn't next to it."""
    if label is None:
        return None
    near = min(max(x, label.left), label.right), min(max(y, label.top), label.bottom)
    return near if math.dist(near, (x, y)) > LEADER_DISTANCE else None
