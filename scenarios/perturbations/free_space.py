"""Free space: where a robot can start and items can stand, so that every task of a world stays feasible."""

from __future__ import annotations

import numpy as np

from scenarios.navigation.clearance_grid import CELL_M, ObstacleOutlines
from scenarios.objects.routes import resample_route
from scenarios.perturbations.alternative_tasks import feasible_tasks
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, World, footprint_radius

GAP_M = 0.05  # between what is put somewhere and what stands there
ROUTE_CLEARANCE_M = 2 * ROBOT_RADIUS_M + 2 * GAP_M  # from who walks by: a robot waits there


class FreeSpace:
    """The floor plan of a world.

    What may stand on it doesn't depend on where within ``reach_m`` of the world's own start the robot starts, and where
    it may start doesn't depend on what was put there: so that neither perturbation moves the other.

    Attributes:
        starts: (nx, ny) bool: cells within reach from which everything that can be asked can be done.
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
        """Return whether a robot can start here: with clearance, and no closer to a route than at its own start.

        Nearer is right where that clearance is kept from the route, too.
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
        """Put an item on the ground if it may stand there.

        It may if it touches no target, stays off every route, and leaves every start as free as it was and every goal
        within reach.

        Args:
            aside_m: How far it must stay from whatever passes on a route.

        Returns:
            Whether it now stands there.
        """
        alone, task = ObstacleOutlines(self.world, [item]), self.world.task
        follower = ROBOT_RADIUS_M + self.world.clearance_m + GAP_M  # one who follows what passes, on the same way
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
