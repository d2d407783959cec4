"""Costs of a world's cells, and the least costs and paths from every cell to a goal."""

from __future__ import annotations

import numpy as np
from skimage.graph import MCP_Geometric

from scenarios.navigation.clearance_grid import CELL_M, ClearanceGrid
from scenarios.world import World

COMFORT_CLEARANCE_M = 0.40  # hull clearance beyond which the cost no longer falls
CLEARANCE_COST = 6.0  # extra cost per metre at zero clearance; falls with the square of the clearance
INSIDE_COST = 1000.0  # cost per metre inside obstacles: finite, so that every state has a path
OTHER_TARGETS_MARGIN_M = 0.12  # the expert keeps this distance from the circles of other targets
SEARCHES = 3  # of one field that end early; the next one is complete


class CostMaps:
    """The cost of each cell of a world's grid, wherever the goal is.

    Attributes:
        grid: The world's grid.
        free: (nx, ny) bool, cells that a drivable path may lead through.
        inside: (nx, ny) bool, cells that a least-cost path avoids at almost any price.
        comfortable: (nx, ny) cost per metre of the expert's path.
        shortest: (nx, ny) cost per metre of the shortest drivable path.
    """

    def __init__(self, world: World) -> None:
        self.grid = ClearanceGrid.from_world(world)
        blocked = self.grid.clearance_m < 0.0
        if world.task.side is not None:
            blocked = blocked | self.grid.near_segment(world.task.side.other, CELL_M)
        self.free, self.inside = ~blocked, blocked.copy()
        for other in world.task.others:
            away = self.grid.distance_from(other.pose.x, other.pose.y) - other.radius_m
            self.inside |= away < OTHER_TARGETS_MARGIN_M
        near = np.clip(1.0 - self.grid.clearance_m / COMFORT_CLEARANCE_M, 0.0, 1.0)
        self.comfortable = np.where(self.inside, INSIDE_COST, 1.0 + CLEARANCE_COST * near**2)
        self.shortest = np.where(blocked, INSIDE_COST, 1.0)


class CostField:
    """The least cost from every cell to the goal's circle, and the paths that have it.

    The search goes from the goal outwards. It goes no farther than it was asked to, since the field of a moving goal
    is used for a few robot positions nearby only.

    Args:
        cost: (nx, ny) cost per metre.
        at_goal: (nx, ny) bool, the cells of the goal's circle.
    """

    def __init__(self, cost: np.ndarray, at_goal: np.ndarray) -> None:
        from scipy import ndimage  # slow to import, and what only lists scenarios draws no world

        self._search = MCP_Geometric(cost, sampling=(CELL_M, CELL_M))
        self._at_goal = at_goal
        # Only cells on the circle's edge are starting points: the search takes long to take in each of them.
        edge = at_goal & ~ndimage.binary_erosion(at_goal, np.ones((3, 3)), border_value=1)
        self._starts = np.argwhere(edge).tolist()
        self._costs = np.where(at_goal, 0.0, np.inf)  # (nx, ny)
        self._known = 0.0  # costs up to this one are final
        self._searches = 0

    def find_costs(self) -> np.ndarray:
        """Return the costs (nx, ny) of all cells."""
        if self._known < np.inf:
            self._find(None)
        return self._costs

    def cells_from(self, cell: tuple[int, int]) -> list[tuple[int, int]]:
        """Return the cells of the least-cost path, from the goal's circle to a cell."""
        self._reach(cell)
        cells: list[tuple[int, int]] = [cell] if self._at_goal[cell] else self._search.traceback(cell)
        return cells

    def costs_up_to(self, cell: tuple[int, int]) -> np.ndarray:
        """Return the costs (nx, ny), final for this cell and those that cost less, such as those of its path."""
        self._reach(cell)
        return self._costs

    def _reach(self, cell: tuple[int, int]) -> None:
        if self._costs[cell] > self._known:
            self._find(cell if self._searches < SEARCHES else None)

    def _find(self, cell: tuple[int, int] | None) -> None:
        """Search up to a cell; None: everything."""
        self._searches += 1
        self._costs = self._search.find_costs(self._starts, None if cell is None else [cell])[0]
        self._costs[self._at_goal] = 0.0
        self._known = np.inf if cell is None else float(self._costs[cell])
