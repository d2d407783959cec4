"""Free space for starts and items such that every task of a world stays feasible."""

from __future__ import annotations

import numpy as np

from scenarios.navigation.clearance_grid import CELL_M, ObstacleOutlines
from scenarios.objects.routes import resample_route
from scenarios.perturbations.alternative_tasks import feasible_tasks
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, World, footprint_radius

GAP_M = 0.05  # between a new item and existing ones
ROUTE_CLEARANCE_M = 2 * ROBOT_RADIUS_M + 2 * GAP_M  # from walkers: a robot can wait there


class FreeSpace:
    """The free space of a world's floor plan.

    Valid places for items don't depend on which start within ``reach_m`` of the world's own is used, and valid starts
    don't depend on placed items, so that the two perturbations don't influence each other.

    Attributes:
        starts: (nx, ny) bool: cells within reach from which every feasible task can be done.
    """

    def __init__(self, world: World, reach_m: float) -> None:
        self.world = world
        self._tasks = feasible_tasks(world)
        self._clearances = [plan.grid.clearance_m for plan in self._tasks]
        self._grid, goal = self._tasks[0].grid, world.task.goal
        self._points = self._grid.cell_centres()
        self._hulls = ObstacleOutlines(world)
        self._routes = [
            (resample_route(mover.route), footprint_radius(world.item(mover.name))) for mover in world.movers
        ]
        self.starts = self._grid.distance_from(world.start.x, world.start.y) <= reach_m
        self.starts &= self._grid.distance_from(goal.pose.x, goal.pose.y) > goal.radius_m + world.clearance_m
        for plan in self._tasks:
            self.starts &= plan.reachable_cells(plan.grid.clearance_m)

    def is_valid_start(self, x: float, y: float) -> bool:
        """Return whether a robot can start here: with clearance, and no closer to a route than the world's own start.

        Closer is valid where the robot still has its clearance from the route.
        """
        here, own = np.array([x, y]), np.array([self.world.start.x, self.world.start.y])
        clearance = self.world.clearance_m
        return bool(
            self.starts[self._grid.cell_at(here)]
            and self._hulls.clearance(here) >= min(clearance, float(self._hulls.clearance(own)))
            and all(
                _distance_to_nearest(points, here) - radius - ROBOT_RADIUS_M
                >= min(clearance, _distance_to_nearest(points, own) - radius - ROBOT_RADIUS_M)
                for points, radius in self._routes
            )
        )

    def try_place(self, item: Item, route_clearance_m: float = ROUTE_CLEARANCE_M) -> bool:
        """Place an item if its place is free.

        It must touch no target, keep off every route, leave every start free and every goal reachable.

        Args:
            item: The item at its place.
            route_clearance_m: Smallest distance from items that move along a route.

        Returns:
            True if the item was placed.
        """
        alone, task = ObstacleOutlines(self.world, [item]), self.world.task
        follower = ROBOT_RADIUS_M + self.world.clearance_m + GAP_M  # a robot that follows the moving item on its route
        off = [(points, max(radius + route_clearance_m, follower)) for points, radius in self._routes]
        for target in (self.world.item(target.name) for target in (task.goal, *task.others)):
            off.append((np.array([(target.pose.x, target.pose.y)]), footprint_radius(target) + GAP_M))
        if any(float(alone.clearance(points).min()) + ROBOT_RADIUS_M < distance for points, distance in off):
            return False
        clearance = alone.clearance(self._points)
        if np.any(clearance[self.starts] < self.world.clearance_m + CELL_M):
            return False
        left = [np.minimum(own, clearance) for own in self._clearances]
        if not all(np.all(plan.reachable_cells(own)[self.starts]) for plan, own in zip(self._tasks, left, strict=True)):
            return False
        self._clearances = left
        return True


def _distance_to_nearest(points: np.ndarray, xy: np.ndarray) -> float:
    return float(np.hypot(*(points - xy).T).min())
