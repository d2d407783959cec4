"""The floor plan as a grid of distances to what blocks a robot, and what can be reached on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from scenarios.world import Box, Item, World

CELL_M = 0.05
ROBOT_RADIUS_M = 0.20  # the hull of the robot that `envs` builds, and that every path must leave room for
BLOCKING_ROLES = ("wall", "obstacle", "target")


def blocking_items(world: World) -> tuple[Item, ...]:
    """What to keep clear of: all that a robot can't drive through, but for the target that it is to drive up to."""
    goal = world.task.goal.name
    return tuple(item for item in world.items if item.role in BLOCKING_ROLES and item.name != goal)


class Hulls:
    """The outlines of what a robot has to keep clear of, as arrays, for many questions about one world."""

    def __init__(self, world: World) -> None:
        items = blocking_items(world)
        boxes = [item for item in items if isinstance(item.shape, Box)]
        rounds = [item for item in items if not isinstance(item.shape, Box)]
        self._centres = np.array([(item.pose.x, item.pose.y) for item in (*boxes, *rounds)])  # (m, 2)
        yaw = np.array([item.pose.yaw for item in boxes] + [0.0] * len(rounds))
        self._cos, self._sin = np.cos(yaw), np.sin(yaw)
        self._half = np.array([_half_extents(item) for item in (*boxes, *rounds)])  # (m, 2); 0 for round things
        self._radius = np.array([0.0] * len(boxes) + [_radius(item) for item in rounds])

    def clearance(self, xy: np.ndarray) -> np.ndarray:
        """Metres (...) between the hull of a robot whose centre stands at ``xy`` (..., 2) and the nearest outline.

        Negative inside of one. The distance to a box is exact (rotated to its frame), to a round thing too.
        """
        dx = np.asarray(xy)[..., None, 0] - self._centres[:, 0]  # (..., m)
        dy = np.asarray(xy)[..., None, 1] - self._centres[:, 1]
        beyond_x = np.abs(self._cos * dx + self._sin * dy) - self._half[:, 0]
        beyond_y = np.abs(self._cos * dy - self._sin * dx) - self._half[:, 1]
        outside = np.hypot(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
        distance = outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0) - self._radius
        nearest: np.ndarray = distance.min(axis=-1) - ROBOT_RADIUS_M
        return nearest


def _half_extents(item: Item) -> tuple[float, float]:
    return (item.shape.size_m[0] / 2, item.shape.size_m[1] / 2) if isinstance(item.shape, Box) else (0.0, 0.0)


def _radius(item: Item) -> float:
    return 0.0 if isinstance(item.shape, Box) else item.shape.radius_m


@dataclass(frozen=True)
class Grid:
    """The plan of a world in square cells.

    Attributes:
        origin: (x, y) of the centre of cell (0, 0), metres.
        clearance_m: (rows over x, columns over y): hull clearance of a robot at each cell's centre.
    """

    origin: tuple[float, float]
    clearance_m: np.ndarray

    @staticmethod
    def of(world: World) -> Grid:
        x_min, y_min, x_max, y_max = world.bounds_m
        xs = np.arange(x_min + CELL_M / 2, x_max, CELL_M)
        ys = np.arange(y_min + CELL_M / 2, y_max, CELL_M)
        points = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)  # (nx, ny, 2)
        return Grid((float(xs[0]), float(ys[0])), Hulls(world).clearance(points))

    def cell(self, xy: np.ndarray) -> tuple[int, int]:
        """The cell that holds a point; points outside the plan belong to the nearest cell."""
        index = np.rint((np.asarray(xy)[:2] - self.origin) / CELL_M).astype(int)
        nx, ny = self.clearance_m.shape
        return int(np.clip(index[0], 0, nx - 1)), int(np.clip(index[1], 0, ny - 1))

    def points(self) -> np.ndarray:
        """(nx, ny, 2) the centres of all cells, metres."""
        nx, ny = self.clearance_m.shape
        xs = self.origin[0] + CELL_M * np.arange(nx)
        ys = self.origin[1] + CELL_M * np.arange(ny)
        return np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)

    def distance_from(self, x: float, y: float) -> np.ndarray:
        """(nx, ny) distance of every cell's centre from a point, metres."""
        offset = self.points() - np.array([x, y])
        return np.hypot(offset[..., 0], offset[..., 1])


def reachable(world: World, clearance_m: float, grid: Grid | None = None) -> bool:
    """Whether some path leads from the start to the goal with that clearance everywhere, passing no other target."""
    grid = grid or Grid.of(world)
    goal = world.task.goal
    free = grid.clearance_m >= clearance_m
    for other in world.task.others:
        free &= grid.distance_from(other.pose.x, other.pose.y) > other.radius_m + clearance_m
    regions, _ = ndimage.label(free, structure=np.ones((3, 3)))
    start = regions[grid.cell(np.array([world.start.x, world.start.y]))]
    at_goal = grid.distance_from(goal.pose.x, goal.pose.y) <= goal.radius_m - CELL_M
    return bool(start > 0 and np.any(regions[at_goal] == start))
