"""Shortest paths on the true map: the expert's path, SPL's optimal length, and the remaining distance to the goal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from scenarios.geometry import Pose2D
from scenarios.navigation.clearance_grid import CELL_M, MovingOutlines
from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.navigation.cost_field import CostField, CostMaps
from scenarios.navigation.moving_goal import measure_shortest_way
from scenarios.navigation.shortest_path import find_shortest_path
from scenarios.world import World

LOOKAHEAD_M, AIM_STEP_M = 2.0, 0.1  # for the point to head for
LOOKAHEAD_CELLS = round((LOOKAHEAD_M + 2.0 * AIM_STEP_M) / CELL_M) + 2  # of a path: enough for any point to head for
LINE_SHARES = np.linspace(0.0, 1.0, 41)  # where a straight line's cost is sampled
NEARBY_CELLS = 4
OPTIMAL_DIGITS = 9  # of metres: SciPy's and NumPy's last bits differ between processors
STRAIGHT_MARGIN = 1.02  # a straight line may cost this factor more than the path that it replaces
GOAL_STEP_M = 0.2  # spacing of the planned positions of a moving goal
KEPT_PLANNERS = 8  # of these positions, the last ones: each takes about 1.5 MB


class Planner:
    """A planner of least-cost paths from anywhere in a world to its goal; proximity to obstacles adds cost.

    A cost field is computed once, from the goal outwards (``skimage.graph.MCP_Geometric``), so that every later query
    is a look-up. Moving items are ignored; for a moving goal, see ``at_progress``.

    Args:
        world: The true world.
        goal: Pose of the goal, if it differs from the task's.
        maps: The world's cost maps, if they are known.
    """

    def __init__(self, world: World, goal: Pose2D | None = None, maps: CostMaps | None = None) -> None:
        self.world = world
        self.goal = goal or world.task.goal.pose
        self.movers = MovingOutlines(world)
        self.start = np.array([world.start.x, world.start.y])
        self._maps = maps or CostMaps(world)
        self.grid = self._maps.grid
        self._planners: dict[tuple[int, int], Planner] = {}

    @cached_property
    def _at_goal(self) -> np.ndarray:
        """The cells (nx, ny) bool of the goal's circle."""
        away = self.grid.distance_from(self.goal.x, self.goal.y)
        at_goal: np.ndarray = (away <= self.world.task.goal.radius_m) & ~self._maps.inside
        if not at_goal.any():  # a goal without a free cell beside it; scenarios never produce one
            at_goal[self.grid.cell_at(np.array([self.goal.x, self.goal.y]))] = True
        return at_goal

    @cached_property
    def _comfort(self) -> CostField:
        return CostField(self._maps.comfortable, self._at_goal)

    @cached_property
    def _shortest(self) -> CostField:
        return CostField(self._maps.shortest, self._at_goal)

    def at_progress(self, progress: Sequence[float]) -> Planner:
        """Return the planner to the goal's current position; this planner if the goal doesn't move.

        Args:
            progress: Distance along the route of each of the world's movers, metres.
        """
        if self.world.goal_mover is None:
            return self
        place = self.world.goal_at(progress)
        key = (round(place.x / GOAL_STEP_M), round(place.y / GOAL_STEP_M))
        planner = self._planners.pop(key, None)
        if planner is None:
            planner = Planner(self.world, Pose2D(key[0] * GOAL_STEP_M, key[1] * GOAL_STEP_M), self._maps)
        self._planners[key] = planner  # behind all others, in the order of their last use
        if len(self._planners) > KEPT_PLANNERS:
            del self._planners[next(iter(self._planners))]
        return planner

    @cached_property
    def optimal_m(self) -> float:
        """Length of the shortest drive from the start that can succeed, m, whichever directions it takes.

        For a moving goal, see ``measure_shortest_way``.
        """
        space = ConfigurationSpace.from_world(self.world)
        if self.world.goal_mover is not None:
            length_m = measure_shortest_way(self.world, space)
        else:
            goal = self.world.task.goal
            length_m = find_shortest_path(space, self.world.start.xy, goal.pose.xy, goal.radius_m).length_m
        # Without a path, such as from a start in contact, the grid still has a length.
        found_m = length_m if math.isfinite(length_m) else self.distance_to_goal(self.start)
        return round(found_m, OPTIMAL_DIGITS)

    def path_from(self, xy: np.ndarray) -> np.ndarray:
        """Return the least-cost path (k, 2) from a point to the goal, in steps of about one cell."""
        return self._trace(self._comfort, xy)

    def aim_from(self, xy: np.ndarray) -> np.ndarray:
        """Return the farthest point (2,) of the least-cost path, within ``LOOKAHEAD_M``, to head for directly.

        A least-cost path on a grid turns in steps of 45 degrees, at places that ties decide. A straight line that costs
        no more is smoother and can be inferred from a camera image. If the line reaches the goal's circle, the point is
        the goal's centre.
        """
        here, goal = self.grid.cell_at(xy), self.goal
        cells = self._comfort.cells_from(here)
        if len(cells) <= 2:
            return np.array([goal.x, goal.y])
        path = self._place(cells[: -LOOKAHEAD_CELLS - 1 : -1])
        steps = np.diff(path, axis=0)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])  # (k,) metres
        wanted = np.arange(AIM_STEP_M, min(LOOKAHEAD_M, along[-1]) + AIM_STEP_M, AIM_STEP_M)
        index = np.unique(np.minimum(np.searchsorted(along, wanted), len(path) - 1))
        points = path[index]  # (k, 2)
        offset = points - xy
        lengths = np.hypot(offset[:, 0], offset[:, 1])
        samples = xy + LINE_SHARES[:, None, None] * offset  # (s, k, 2)
        straight = self._maps.comfortable[self.grid.cells_at(samples)].mean(axis=0) * lengths
        costs = self._comfort.costs_up_to(here)
        allowed = straight <= STRAIGHT_MARGIN * (costs[here] - costs[self.grid.cells_at(points)]) + CELL_M
        chosen = int(np.flatnonzero(allowed)[-1]) if allowed.any() else 0
        return np.array([goal.x, goal.y]) if index[chosen] == len(cells) - 1 else points[chosen]

    def distance_to_goal(self, xy: np.ndarray) -> float:
        """Compute the length, m, of the shortest drivable path from a point to the goal's circle; 0 inside it.

        Computed on the grid, whose eight directions make oblique paths up to 8 % longer than ``optimal_m``'s.
        """
        i, j = self.grid.cell_at(xy)
        if self._maps.free[i, j]:
            return float(self._shortest.costs_up_to((i, j))[i, j])
        # In contact: use the best free cell nearby, since no drivable path begins here.
        costs = self._shortest.find_costs()
        rows, columns = (
            slice(max(0, i - NEARBY_CELLS), i + NEARBY_CELLS + 1),
            slice(max(0, j - NEARBY_CELLS), j + NEARBY_CELLS + 1),
        )
        away = np.hypot(*np.moveaxis(self.grid.cell_centres()[rows, columns] - np.asarray(xy)[:2], -1, 0))
        near = np.where(self._maps.free[rows, columns], costs[rows, columns] + away, np.inf)
        best = float(near.min())
        return best if np.isfinite(best) else float(costs[i, j])

    def clearance(self, xy: np.ndarray) -> float:
        """Return the hull clearance at a point, m, as accurate as the grid."""
        return float(self.grid.clearance_m[self.grid.cell_at(xy)])

    def _trace(self, field: CostField, xy: np.ndarray) -> np.ndarray:
        return self._place(field.cells_from(self.grid.cell_at(xy))[::-1])  # from here to the goal

    def _place(self, cells: Sequence[tuple[int, int]]) -> np.ndarray:
        """Return the centres (k, 2) of cells, m."""
        centres: np.ndarray = np.asarray(self.grid.origin) + CELL_M * np.array(cells)
        return centres
