"""What it costs to drive over each cell of the map, and the ways that cost least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from skimage.graph import MCP_Geometric

from policies.reference.driving.floor_map import CELL_M, CELLS_XY, FloorMap, find_cells, locate_cells
from scenarios.navigation.cost_field import CLEARANCE_COST, COMFORT_CLEARANCE_M, INSIDE_COST
from scenarios.navigation.planner import LOOKAHEAD_M, STRAIGHT_MARGIN
from scenarios.robot import ROBOT_RADIUS_M

UNKNOWN_COST = 0.6  # extra cost per metre where nothing has been seen
TIGHT_M, TIGHT_COST = -0.08, 30.0  # clearance that may be an error of the map: avoided, but not forbidden
CELL_EDGE_M = 0.02  # from the middle of an occupied cell to what stands there
MARGIN_CELLS = 8  # around what is known
NEAR_ROBOT_M = 0.2  # where it may start, if it stands where it shouldn't
GOAL_RADIUS_M = 0.32  # around a goal, nothing else stands


class Circle(NamedTuple):
    """A place to stay out of."""

    xy: np.ndarray
    radius_m: float


class CostMap:
    """The cost of driving over the cells of a window of the map, which contains all that is known.

    Attributes:
        window: Its rows and columns in the map.
        low: (2,) its first cell.
        cost: (nx, ny) per metre.
        clearance_m: (nx, ny) hull clearance.
        xy: (nx, ny, 2) middles of the cells, m.

    Args:
        floor_map: What is known.
        robot: (2,) place of the robot.
        goal: (2,) place of the goal; nothing stands there but itself.
        keep_out: Places to stay out of.
    """

    def __init__(
        self,
        floor_map: FloorMap,
        robot: np.ndarray,
        goal: np.ndarray | None = None,
        keep_out: Iterable[Circle] = (),
    ) -> None:
        self.window = window = _find_window(floor_map, robot, goal)
        self.low = np.array([part.start for part in window])
        cells = np.meshgrid(*(np.arange(part.start, part.stop) for part in window), indexing="ij")
        self.xy = locate_cells(np.stack(cells, axis=-1))
        self._seen, self._occupied = floor_map.seen[window], floor_map.occupied[window]
        if goal is not None:
            self._occupied = self._occupied & (self.measure_distance(goal) > GOAL_RADIUS_M)
        self.clearance_m = _measure_clearance(self._occupied, ROBOT_RADIUS_M)
        near = np.clip(1.0 - self.clearance_m / COMFORT_CLEARANCE_M, 0.0, 1.0)
        self.cost = 1.0 + CLEARANCE_COST * near**2 + UNKNOWN_COST * ~self._seen
        self.cost[self.clearance_m < 0.0] = TIGHT_COST
        self.cost[self.clearance_m <= TIGHT_M] = INSIDE_COST
        for circle in keep_out:
            self.close(self.measure_distance(circle.xy) < circle.radius_m)

    def close(self, cells: np.ndarray) -> None:
        """Avoid cells (nx, ny) bool at almost any price."""
        self.cost[cells] = INSIDE_COST

    @property
    def is_open(self) -> np.ndarray:
        """(nx, ny) bool: cells that aren't avoided at almost any price."""
        is_open: np.ndarray = self.cost < INSIDE_COST
        return is_open

    def measure_distance(self, xy: np.ndarray) -> np.ndarray:
        """Measure the distance (nx, ny), m, of each cell from a place."""
        return np.hypot(self.xy[..., 0] - xy[0], self.xy[..., 1] - xy[1])

    def measure_blind_clearance(self, radius_m: float) -> np.ndarray:
        """Measure the clearance (nx, ny) of a hull from what stands there, and from what was never seen."""
        return _measure_clearance(self._occupied | ~self._seen, radius_m)

    def find_index(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and columns (...) of points (..., 2) in the window, or of its nearest cells."""
        rows, columns = find_cells(points)
        nx, ny = self.cost.shape
        return np.clip(rows - self.low[0], 0, nx - 1), np.clip(columns - self.low[1], 0, ny - 1)

    def find_way(self, robot: np.ndarray, ends: np.ndarray) -> np.ndarray | None:
        """Find the way (k, 2) of least cost from the robot to one of the cells (nx, ny) bool; None without any."""
        start = self._cell_of(robot)
        if ends[start]:
            return robot[None]
        edge = np.argwhere(ends & ~ndimage.binary_erosion(ends, np.ones((3, 3))))
        if not len(edge):
            return None
        search = MCP_Geometric(self.cost, sampling=(CELL_M, CELL_M))
        costs = search.find_costs([start], [tuple(cell) for cell in edge.tolist()], find_all_ends=False)[0]
        return self._trace(search, edge[int(costs[tuple(edge.T)].argmin())])

    def find_best_way(self, robot: np.ndarray, ends: np.ndarray, worth: np.ndarray) -> np.ndarray | None:
        """Find the way (k, 2) to the one of some cells (nx, ny) bool whose cost less its worth (nx, ny) is least."""
        if not ends.any():
            return None
        search = MCP_Geometric(self.cost, sampling=(CELL_M, CELL_M))
        costs = search.find_costs([self._cell_of(robot)])[0]
        net = np.where(ends, costs - worth, np.inf)
        best = np.unravel_index(int(net.argmin()), net.shape)
        return self._trace(search, np.array(best)) if np.isfinite(net[best]) else None

    def aim_along(self, robot: np.ndarray, way: np.ndarray) -> np.ndarray:
        """Return the farthest point (2,) of a way to which a straight line costs no more, up to ``LOOKAHEAD_M``."""
        if len(way) <= 2:
            return way[-1]
        steps = np.hypot(*np.diff(way, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        last = min(int(np.searchsorted(along, LOOKAHEAD_M)), len(way) - 1)
        cost = self.cost[self.find_index(way)]
        spent = np.concatenate([[0.0], np.cumsum((cost[1:] + cost[:-1]) / 2 * steps)])
        best = way[2]
        for place in sorted({*range(2, last + 1, 2), last}):
            offset = way[place] - robot
            line = robot + np.linspace(0.0, 1.0, max(3, int(along[place] / CELL_M)))[:, None] * offset
            straight = float(self.cost[self.find_index(line)].mean()) * float(np.hypot(*offset))
            if straight <= STRAIGHT_MARGIN * spent[place] + CELL_M:
                best = way[place]
        return best

    def find_reachable(self, robot: np.ndarray) -> np.ndarray:
        """Return the cells (nx, ny) bool that a way leads to, from somewhere near the robot, over open cells alone."""
        parts, _ = ndimage.label(self.is_open, np.ones((3, 3)))
        near = np.unique(parts[self.measure_distance(robot) < NEAR_ROBOT_M])
        return np.isin(parts, near[near > 0])

    def _cell_of(self, xy: np.ndarray) -> tuple[int, int]:
        row, column = self.find_index(xy)
        return int(row), int(column)

    def _trace(self, search: MCP_Geometric, end: np.ndarray) -> np.ndarray:
        cells: Sequence[tuple[int, int]] = search.traceback(tuple(end.tolist()))
        return locate_cells(self.low + np.array(cells))


def _find_window(floor_map: FloorMap, robot: np.ndarray, goal: np.ndarray | None) -> tuple[slice, slice]:
    """Return the part of the map that contains all that is known, the robot and the goal."""
    known = floor_map.seen | floor_map.occupied
    places = np.array([find_cells(place) for place in (robot, goal) if place is not None])
    parts = []
    for axis in (0, 1):
        used = np.concatenate([np.flatnonzero(known.any(axis=1 - axis)), places[:, axis]])
        parts.append(slice(max(0, used.min() - MARGIN_CELLS), min(CELLS_XY[axis], used.max() + MARGIN_CELLS + 1)))
    return parts[0], parts[1]


def _measure_clearance(occupied: np.ndarray, radius_m: float) -> np.ndarray:
    if not occupied.any():
        return np.full(occupied.shape, np.inf)
    clearance: np.ndarray = ndimage.distance_transform_edt(~occupied) * CELL_M - CELL_EDGE_M - radius_m
    return clearance
