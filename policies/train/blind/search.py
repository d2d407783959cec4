"""Search for the way that succeeds in most scenes: straight aims, polylines and sweeps, improved by small changes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from policies.scripted.plans import Plan
from policies.train.blind.scenes import CELL_M, SceneArrays, follow_way
from scenarios.robot import ACTION_SCALE, CONTROL_PERIOD_S

PARENTS, GENERATIONS, CHILDREN = 12, 60, 36
MOST_POINTS = 24
SPEEDS = (1.0, 0.8, 0.6, 0.4, 0.25)


def sample_way(points: np.ndarray, speed: float, steps: int) -> np.ndarray:
    """Return the places (t, 2) at each control step on the way along points (k, 2) from the start; then it stays."""
    corners = np.vstack([[0.0, 0.0], points])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    pace = speed * ACTION_SCALE * CONTROL_PERIOD_S
    at = np.minimum(pace * np.arange(1, steps + 1), along[-1])
    return np.stack([np.interp(at, along, corners[:, axis]) for axis in (0, 1)], axis=-1)


def try_plan(scenes: SceneArrays, points: np.ndarray, speed: float) -> np.ndarray:
    """Return whether (n,) a plan succeeds in each scene."""
    steps = scenes.steps
    if not scenes.holds:  # nothing can be won any more once the robot has arrived
        corners = np.vstack([[0.0, 0.0], points])
        length = float(np.hypot(*np.diff(corners, axis=0).T).sum())
        steps = min(steps, math.ceil(length / (speed * ACTION_SCALE * CONTROL_PERIOD_S)) + 1)
    return follow_way(scenes, sample_way(points, speed, steps))


Candidate = tuple[float, np.ndarray, float]  # score, points (k, 2), speed


def search_plan(scenes: SceneArrays, rng: np.random.Generator, most_points: int = MOST_POINTS) -> Plan:
    """Search for the plan that succeeds in most scenes."""
    far = scenes.origin, scenes.origin + CELL_M * np.array(scenes.cells.shape[1:])
    speeds = SPEEDS if scenes.movers.shape[1] else SPEEDS[:1]

    def score(points: np.ndarray, speed: float) -> Candidate:
        return float(try_plan(scenes, points, speed).sum()) - 1e-3 * len(points), points, speed

    ranked = [
        score(points[:most_points], float(speeds[int(rng.integers(len(speeds)))])) for points in _first_ways(far, rng)
    ]
    parents = _best(ranked)
    for generation in range(GENERATIONS):
        spread = 0.8 * (1.0 - generation / GENERATIONS) + 0.05
        children = [
            score(*_change(parents[int(rng.integers(len(parents)))], far, spread, speeds, most_points, rng))
            for _ in range(CHILDREN)
        ]
        parents = _best([*parents, *children])
    _, points, speed = parents[0]
    won = int(try_plan(scenes, points, speed).sum())
    return Plan(tuple((round(x, 2), round(y, 2)) for x, y in points.tolist()), speed, won, scenes.size)


def _best(candidates: list[Candidate]) -> list[Candidate]:
    """The best candidates, of equal ones only one."""
    ordered = sorted(candidates, key=lambda each: -each[0])
    distinct = {(each[0], each[1].round(1).tobytes()): each for each in reversed(ordered)}
    return sorted(distinct.values(), key=lambda each: -each[0])[:PARENTS]


def _first_ways(far: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Straight aims, random polylines and sweeps within an area."""
    low, high = far
    for angle in np.linspace(-math.pi / 2, math.pi / 2, 61):
        for length in (2.0, 3.0, 4.0, 6.0, 8.0, 10.0):
            yield length * np.array([[math.cos(angle), math.sin(angle)]])
    for _ in range(700):
        points = rng.uniform(low, high, (int(rng.integers(2, 6)), 2))
        yield points[np.argsort(points[:, 0])] if rng.integers(2) else points
    for _ in range(500):
        yield _sweep(low, high, rng)
    for _ in range(300):
        yield _loop(low, high, rng)


def _sweep(low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows to and fro across an area that begins ahead of the start."""
    x, end = sorted(rng.uniform(0.5, high[0], 2))
    right, left = sorted(rng.uniform(low[1], high[1], 2))
    rows = int(rng.integers(2, 8))
    first = int(rng.integers(2))
    if rng.integers(2):  # rows across, ever farther away or ever nearer
        xs = np.linspace(x, end, rows) if rng.integers(3) else np.linspace(end, x, rows)
        return np.array([(at, (left, right)[(row + first + turn) % 2]) for row, at in enumerate(xs) for turn in (0, 1)])
    ys = np.linspace(right, left, rows) if first else np.linspace(left, right, rows)  # rows along
    return np.array([((x, end)[(row + turn) % 2], at) for row, at in enumerate(ys) for turn in (0, 1)])


def _loop(low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rounds about a point in the area, in either direction."""
    middle, reach = low + rng.uniform(0.4, 0.65, 2) * (high - low), rng.uniform(0.2, 0.5) * (high - low)
    turns = rng.uniform(0.0, math.tau) + (1 if rng.integers(2) else -1) * np.arange(MOST_POINTS) * math.tau / 8
    loop: np.ndarray = middle + reach * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    return loop


def _change(
    parent: Candidate,
    far: tuple[np.ndarray, np.ndarray],
    spread: float,
    speeds: tuple[float, ...],
    most_points: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, float]:
    """Change a way a little: move, add or remove points, or drive at another speed."""
    _, points, speed = parent
    points = points.copy()
    kind = int(rng.integers(6))
    if kind == 0 and len(points) < most_points:  # a point between two others
        at = int(rng.integers(len(points)))
        before = points[at - 1] if at else np.zeros(2)
        points = np.insert(points, at, (before + points[at]) / 2 + rng.normal(0.0, spread, 2), axis=0)
    elif kind == 1 and len(points) < most_points:  # a point more at the end
        nearby = points[-1] + rng.normal(0.0, 1.5, 2)
        points = np.vstack([points, nearby if rng.integers(2) else rng.uniform(*far)])
    elif kind == 2 and len(points) > 1:
        points = np.delete(points, int(rng.integers(len(points))), axis=0)
    elif kind == 3:  # all points
        points += rng.normal(0.0, 0.3 * spread, points.shape)
    else:
        points[int(rng.integers(len(points)))] += rng.normal(0.0, spread, 2)
    if len(speeds) > 1 and not rng.integers(4):
        speed = float(speeds[int(rng.integers(len(speeds)))])
    return np.clip(points, *far), speed
