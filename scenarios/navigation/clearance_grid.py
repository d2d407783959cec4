"""The floor plan as a grid of distances to obstacles, and the reachable cells on it."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.geometry import Point, Pose2D, dot
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Item, Task, World, footprint_radius, hull_shape

CELL_M = 0.05
BLOCKING_ROLES = ("wall", "obstacle", "target")
EDGE_POINTS, LINE_POINTS = 12, 400  # on the outline of the item, and on each line of sight
MAX_CAMERA_DISTANCE_M = 0.10  # largest distance of the camera from the robot's centre


def blocking_items(world: World) -> tuple[Item, ...]:
    """Return the static obstacles: all items that block a robot, except its goal."""
    left_out = {world.task.goal.name, *(mover.name for mover in world.movers)}
    return tuple(item for item in world.items if item.role in BLOCKING_ROLES and item.name not in left_out)


class ObstacleOutlines:
    """The outlines of a world's obstacles as arrays, for many distance queries.

    Args:
        world: The world with the static obstacles.
        items: Items to use instead of the world's static obstacles.
    """

    def __init__(self, world: World, items: Sequence[Item] | None = None) -> None:
        items = blocking_items(world) if items is None else items
        is_box = [isinstance(hull_shape(item.shape), Box) for item in items]
        boxes = [item for item, yes in zip(items, is_box, strict=True) if yes]
        rounds = [item for item, yes in zip(items, is_box, strict=True) if not yes]
        self._boxes = len(boxes)
        self._order = sorted(range(len(items)), key=lambda index: not is_box[index])
        self._centres = np.array([(item.pose.x, item.pose.y) for item in (*boxes, *rounds)]).reshape(-1, 2)  # (m, 2)
        yaw = np.array([item.pose.yaw for item in boxes] + [0.0] * len(rounds))
        self._cos, self._sin = np.cos(yaw), np.sin(yaw)
        half = [measure_half_extents(item) for item in (*boxes, *rounds)]
        self._half = np.array(half).reshape(-1, 2)  # (m, 2); 0 for round items
        self._radius = np.array([0.0] * len(boxes) + [measure_radius(item) for item in rounds])

    def clearance(self, xy: np.ndarray) -> np.ndarray:
        """Compute the distance (...), m, between the hull of a robot at ``xy`` (..., 2) and the nearest outline.

        Negative where the hull overlaps one, infinite if there are none. The distances to boxes and round items are
        exact.
        """
        dx = np.asarray(xy)[..., None, 0] - self._centres[:, 0]  # (..., m)
        dy = np.asarray(xy)[..., None, 1] - self._centres[:, 1]
        beyond_x = np.abs(self._cos * dx + self._sin * dy) - self._half[:, 0]
        beyond_y = np.abs(self._cos * dy - self._sin * dx) - self._half[:, 1]
        outside = np.hypot(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
        distance = outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0) - self._radius
        nearest: np.ndarray = distance.min(axis=-1, initial=np.inf) - ROBOT_RADIUS_M
        return nearest

    def move_items(self, poses: Sequence[Pose2D]) -> ObstacleOutlines:
        """Return the outlines after the items were moved to these poses, in the order in which they were given."""
        moved = copy.copy(self)
        placed = [poses[index] for index in self._order]  # boxes, then round items, which have no yaw
        moved._centres = np.array([(pose.x, pose.y) for pose in placed]).reshape(-1, 2)
        yaw = np.array([pose.yaw for pose in placed[: self._boxes]] + [0.0] * (len(placed) - self._boxes))
        moved._cos, moved._sin = np.cos(yaw), np.sin(yaw)
        return moved


class MovingOutlines:
    """The outlines of a world's moving obstacles, which the goal is not one of, at any progress along their routes."""

    def __init__(self, world: World) -> None:
        self._movers = [(index, mover.route) for index, mover in enumerate(world.movers) if index != world.goal_index]
        items = [world.item(world.movers[index].name) for index, _ in self._movers]
        self._outlines = ObstacleOutlines(world, items)

    def __bool__(self) -> bool:
        return bool(self._movers)

    def place(self, progress: Sequence[float]) -> ObstacleOutlines:
        """Return the outlines at the progress of each of the world's movers, in m along its route."""
        return self._outlines.move_items([route.pose_at(progress[index]) for index, route in self._movers])


def measure_half_extents(item: Item) -> tuple[float, float]:
    """Return half the length and half the width of a box on the floor plan, m; 0 for round items."""
    shape = hull_shape(item.shape)
    return (shape.size_m[0] / 2, shape.size_m[1] / 2) if isinstance(shape, Box) else (0.0, 0.0)


def measure_radius(item: Item) -> float:
    """Return the radius of a round item on the floor plan, m; 0 for boxes."""
    shape = hull_shape(item.shape)
    return 0.0 if isinstance(shape, Box) else shape.radius_m


@dataclass(frozen=True)
class ClearanceGrid:
    """A floor plan as a grid of square cells.

    Attributes:
        origin: (x, y) of the centre of cell (0, 0), metres.
        clearance_m: (rows over x, columns over y): hull clearance of a robot at each cell's centre.
    """

    origin: tuple[float, float]
    clearance_m: np.ndarray

    @staticmethod
    def from_world(world: World) -> ClearanceGrid:
        """Compute the grid of a world's static obstacles."""
        x_min, y_min, x_max, y_max = world.bounds_m
        xs = np.arange(x_min + CELL_M / 2, x_max, CELL_M)
        ys = np.arange(y_min + CELL_M / 2, y_max, CELL_M)
        points = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)  # (nx, ny, 2)
        return ClearanceGrid((float(xs[0]), float(ys[0])), ObstacleOutlines(world).clearance(points))

    def cell_at(self, xy: np.ndarray) -> tuple[int, int]:
        """Return the cell that contains a point, or the nearest cell for points outside the plan."""
        nx, ny = self.clearance_m.shape  # in plain Python, since NumPy takes ten times as long for one point
        i, j = (round((float(xy[axis]) - self.origin[axis]) / CELL_M) for axis in (0, 1))
        return min(max(i, 0), nx - 1), min(max(j, 0), ny - 1)

    def cells_at(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and columns (...) of the cells nearest to points (..., 2), as an index into the grid."""
        index = np.rint((points - np.array(self.origin)) / CELL_M).astype(int)
        nx, ny = self.clearance_m.shape
        return index[..., 0].clip(0, nx - 1), index[..., 1].clip(0, ny - 1)

    def clearance_at(self, points: np.ndarray) -> np.ndarray:
        """Return the hull clearance (...), m, at the nearest cells of points (..., 2)."""
        clearance: np.ndarray = self.clearance_m[self.cells_at(points)]
        return clearance

    def cell_centres(self) -> np.ndarray:
        """Return the centres (nx, ny, 2) of all cells, m."""
        nx, ny = self.clearance_m.shape
        xs = self.origin[0] + CELL_M * np.arange(nx)
        ys = self.origin[1] + CELL_M * np.arange(ny)
        return np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)

    def distance_from(self, x: float, y: float) -> np.ndarray:
        """Compute the distance (nx, ny), m, of every cell's centre from a point."""
        offset = self.cell_centres() - np.array([x, y])
        return np.hypot(offset[..., 0], offset[..., 1])

    def near_segment(self, segment: tuple[Point, Point], within_m: float) -> np.ndarray:
        """Return the cells (nx, ny) bool whose centre is within a distance of a line segment."""
        a, b = np.array(segment[0]), np.array(segment[1])
        along = b - a
        offset = self.cell_centres() - a
        share = np.clip(dot(offset, along) / max(float(dot(along, along)), 1e-12), 0.0, 1.0)
        away = offset - share[..., None] * along
        return np.hypot(away[..., 0], away[..., 1]) <= within_m


@dataclass(frozen=True, eq=False)
class TaskRegions:
    """The regions of a floor plan that a task forbids or aims at; moving items are left out.

    Attributes:
        other_targets_m: (nx, ny) distance to the circle of the nearest target other than the goal, metres; infinite if
            there is none.
        closed: (nx, ny) bool: the side that the instruction doesn't name.
        goal_cells: (nx, ny) bool: the goal's circle.
    """

    other_targets_m: np.ndarray
    closed: np.ndarray
    goal_cells: np.ndarray

    @staticmethod
    def from_task(task: Task, grid: ClearanceGrid) -> TaskRegions:
        """Compute the regions of a task on a world's grid."""
        shape, goal = grid.clearance_m.shape, task.goal
        away = [grid.distance_from(other.pose.x, other.pose.y) - other.radius_m for other in task.others]
        other_targets_m = np.minimum.reduce([np.full(shape, np.inf), *away])
        closed = np.zeros(shape, bool) if task.side is None else grid.near_segment(task.side.other, CELL_M)
        goal_cells = grid.distance_from(goal.pose.x, goal.pose.y) <= goal.radius_m - CELL_M
        return TaskRegions(other_targets_m, closed, goal_cells)

    def reachable_cells(self, clearance_m: np.ndarray, min_clearance_m: float) -> np.ndarray:
        """Return the cells (nx, ny) bool from which a path leads to the goal without reaching another target.

        Args:
            clearance_m: (nx, ny) hull clearance, metres.
            min_clearance_m: Smallest clearance along the path.
        """
        free = (clearance_m >= min_clearance_m) & (self.other_targets_m > min_clearance_m) & ~self.closed
        from scipy import ndimage  # slow to import, and what only lists scenarios draws no world

        regions, count = ndimage.label(free, structure=np.ones((3, 3)))
        has_goal = np.zeros(count + 1, bool)
        has_goal[regions[self.goal_cells & free]] = True
        reachable: np.ndarray = has_goal[regions]
        return reachable


def is_goal_reachable(world: World, clearance_m: float, grid: ClearanceGrid | None = None) -> bool:
    """Return whether a path with this clearance leads from the start to the goal without reaching another target.

    If the task names a side, the path takes it. Moving items are ignored.
    """
    grid = grid or ClearanceGrid.from_world(world)
    region = TaskRegions.from_task(world.task, grid).reachable_cells(grid.clearance_m, clearance_m)
    return bool(region[grid.cell_at(np.array([world.start.x, world.start.y]))])


def is_visible_from_start(world: World, item: Item) -> bool:
    """Return whether an item is visible from a world's start, past all walls.

    Furniture is ignored; the camera may be up to ``MAX_CAMERA_DISTANCE_M`` from the start.
    """
    angles = np.linspace(0.0, math.tau, EDGE_POINTS, endpoint=False)
    around = (footprint_radius(item) + MAX_CAMERA_DISTANCE_M) * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    edge, eye = np.array([item.pose.x, item.pose.y]) + around, np.array([world.start.x, world.start.y])  # (e, 2), (2,)
    lines = eye + np.linspace(0.0, 1.0, LINE_POINTS)[:, None, None] * (edge - eye)  # (s, e, 2)
    walls = ObstacleOutlines(world, [other for other in world.items if other.role == "wall"])
    return bool(np.any(np.all(walls.clearance(lines) > -ROBOT_RADIUS_M, axis=0)))
