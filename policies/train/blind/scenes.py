"""Many scenes as arrays in the frames of their starts, in which a way can be tried within a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.geometry import rotate, segments_cross
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.robot import CONTROL_PERIOD_S, ROBOT_RADIUS_M
from scenarios.world import World, footprint_radius

CELL_M = 0.06
TOUCH_M = 0.015  # hull clearance that counts as a contact
FREE, GOAL, END = 0, 1, 2


@dataclass(frozen=True)
class SceneArrays:
    """n scenes, each in the frame of its robot's start.

    Attributes:
        origin: Place of cell (0, 0), m.
        cells: (n, rows over x, columns over y) uint8: FREE, GOAL, or END where a robot touches something or reaches
            another target.
        goals: (n, t, 2) places of moving goals at each control step, m; NaN for goals that stand.
        radius_m: (n,) of the goals' circles.
        hold: (n,) control steps that the robot must stay in the circle; 1 if reaching it is enough.
        hold_m: (n,) way that a moving goal must travel meanwhile, m.
        limit: (n,) control steps until time is up.
        movers: (n, m, t, 2) places of the moving items, m; infinitely far away where there are fewer.
        reach_m: (n, m) distance from a mover's centre at which it touches the robot's hull.
        asked, other: (n, 2, 2) segments of the sides; NaN without a side.
    """

    origin: np.ndarray
    cells: np.ndarray
    goals: np.ndarray
    radius_m: np.ndarray
    hold: np.ndarray
    hold_m: np.ndarray
    limit: np.ndarray
    movers: np.ndarray
    reach_m: np.ndarray
    asked: np.ndarray
    other: np.ndarray

    @property
    def size(self) -> int:
        """Number of scenes."""
        return len(self.cells)

    @property
    def steps(self) -> int:
        """Control steps of the longest time limit."""
        return int(self.limit.max())

    @property
    def holds(self) -> bool:
        """True if a robot must stay at a goal or a goal may come to it, so that waiting can pay."""
        return bool((self.hold > 1).any()) or self.has_moving_goals

    @property
    def has_moving_goals(self) -> bool:
        """True if any goal moves."""
        return not np.isnan(self.goals).all()


def arrange_scenes(worlds: Sequence[World]) -> SceneArrays:
    """Compute the arrays of some worlds."""
    low, high = _common_extent(worlds)
    xs, ys = (np.arange(low[axis], high[axis] + CELL_M, CELL_M) for axis in (0, 1))
    points = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)  # (nx, ny, 2)
    limit = np.array([round(world.task.time_limit_s / CONTROL_PERIOD_S) for world in worlds])
    most, steps = max(len(world.movers) for world in worlds), int(limit.max())
    movers, reach_m = np.full((len(worlds), most, steps, 2), 1e6, np.float32), np.zeros((len(worlds), most), np.float32)
    goals, sides = np.full((len(worlds), steps, 2), np.nan, np.float32), np.full((2, len(worlds), 2, 2), np.nan)
    for n, world in enumerate(worlds):
        for m, mover in enumerate(world.movers):
            movers[n, m] = _trace(world, m, steps)
            reach_m[n, m] = footprint_radius(world.item(mover.name)) + ROBOT_RADIUS_M
        if world.goal_index is not None:
            goals[n] = movers[n, world.goal_index]
        if world.task.side is not None:
            sides[:, n] = world.start.to_local(np.array([world.task.side.asked, world.task.side.other]))
    return SceneArrays(
        origin=low,
        cells=np.stack([_label_cells(world, points) for world in worlds]),
        goals=goals,
        radius_m=np.array([world.task.goal.radius_m for world in worlds]),
        hold=np.array([max(1, round(world.task.hold_s / CONTROL_PERIOD_S)) for world in worlds]),
        hold_m=np.array([world.task.hold_m for world in worlds]),
        limit=limit,
        movers=movers,
        reach_m=reach_m,
        asked=sides[0],
        other=sides[1],
    )


def _common_extent(worlds: Sequence[World]) -> tuple[np.ndarray, np.ndarray]:
    """The smallest rectangle that contains the areas of all worlds, in the frames of their starts."""
    corners = []
    for world in worlds:
        x_min, y_min, x_max, y_max = world.bounds_m
        corners.append(world.start.to_local(np.array([(x, y) for x in (x_min, x_max) for y in (y_min, y_max)])))
    every = np.concatenate(corners)
    return every.min(axis=0), every.max(axis=0)


def _label_cells(world: World, points: np.ndarray) -> np.ndarray:
    """Label the cells with these centres (nx, ny, 2) in the start's frame."""
    places = rotate(points, world.start.yaw) + world.start.xy
    labels = np.full(points.shape[:2], FREE, np.uint8)
    x_min, y_min, x_max, y_max = world.bounds_m
    inside = (places >= (x_min, y_min)).all(-1) & (places <= (x_max, y_max)).all(-1)
    labels[~inside] = END
    goal = world.task.goal
    if world.goal_index is None:
        labels[inside & (goal.radius_m >= np.hypot(*(places - goal.pose.xy).T).T)] = GOAL
    for target in world.task.others:
        labels[inside & (target.radius_m >= np.hypot(*(places - target.pose.xy).T).T)] = END
    within = places[inside]
    touching = ObstacleOutlines(world).clearance(within.astype(np.float32)) <= TOUCH_M
    held = labels[inside]
    held[touching] = END
    labels[inside] = held
    return labels


def _trace(world: World, number: int, steps: int) -> np.ndarray:
    """The places (t, 2) of a mover in the start's frame at each control step, if nothing makes it wait."""
    route = world.movers[number].route
    times = (CONTROL_PERIOD_S * np.arange(1, steps + 1)).tolist()
    return world.start.to_local(np.array([route.pose_at(route.advance(route.start_m, s)).xy for s in times]))


def follow_way(scenes: SceneArrays, way: np.ndarray) -> np.ndarray:
    """Return whether (n,) a robot that drives along a way succeeds in each scene.

    Args:
        way: (t, 2) its place at each control step, in the start's frame.
    """
    index = np.rint((way - scenes.origin) / CELL_M).astype(int)
    rows, columns = (index[:, axis].clip(0, scenes.cells.shape[1 + axis] - 1) for axis in (0, 1))
    labels = scenes.cells[:, rows, columns]  # (n, t)
    ended, at_goal = labels == END, labels == GOAL
    if scenes.movers.shape[1]:
        here = scenes.movers[:, :, : len(way)] - way.astype(np.float32)  # (n, m, t, 2)
        near = (here**2).sum(-1) <= scenes.reach_m[..., None] ** 2
        ended |= near.any(axis=1)
    if scenes.has_moving_goals:
        gap = scenes.goals[:, : len(way)] - way.astype(np.float32)
        at_goal |= (gap**2).sum(-1) <= scenes.radius_m[:, None] ** 2
    if scenes.holds:
        at_goal = _has_stayed(scenes, at_goal)
    won, lost = _first(at_goal), np.minimum(_first(ended), scenes.limit)
    success = won < lost
    if not np.isnan(scenes.asked).all():
        success &= _takes_side(scenes, way, won)
    return success


def _has_stayed(scenes: SceneArrays, at_goal: np.ndarray) -> np.ndarray:
    """Return when (n, t) a robot that is at the goal (n, t) has stayed there as long and as far as it must."""
    steps = np.arange(at_goal.shape[1])
    outside = np.maximum.accumulate(np.where(at_goal, -1, steps), axis=1)  # the last step outside of the circle
    moves = np.nan_to_num(np.hypot(*np.moveaxis(np.diff(scenes.goals[:, : len(steps)], axis=1), -1, 0)))
    travelled = np.concatenate([np.zeros((len(moves), 1)), np.cumsum(moves, axis=1)], axis=1)  # (n, t)
    entered = np.take_along_axis(travelled, np.minimum(outside + 1, steps[-1]), axis=1)
    stayed: np.ndarray = at_goal & (steps - outside >= scenes.hold[:, None])
    return stayed & (travelled - entered >= scenes.hold_m[:, None])


def _first(happens: np.ndarray) -> np.ndarray:
    """The first step (n,) at which something (n, t) happens; a very large number if it never does."""
    return np.where(happens.any(axis=1), happens.argmax(axis=1), 1 << 30)


def _takes_side(scenes: SceneArrays, way: np.ndarray, won: np.ndarray) -> np.ndarray:
    """Return whether (n,) a way crosses the asked side, and never the other, before a step (n,)."""
    before, now = np.vstack([[0.0, 0.0], way[:-1]]), way
    asked, other = (
        _first(segments_cross(before, now, side[:, None, 0], side[:, None, 1])) for side in (scenes.asked, scenes.other)
    )
    named: np.ndarray = np.isnan(scenes.asked).any(axis=(1, 2)) | ((asked <= won) & (other > won))
    return named
