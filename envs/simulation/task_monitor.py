"""Task monitoring: how an episode ends, from positions alone, without physics or images."""

from __future__ import annotations

import math

import numpy as np

from scenarios.geometry import Point, segments_cross, turn_direction
from scenarios.world import Task

TIME_TOLERANCE_S = 1e-9  # sums of control periods are not exact


class TaskMonitor:
    """A monitor that follows the robot once per control period and decides how the episode ends.

    Args:
        task: The robot's task.
        start: Start position, x and y in m.
        goal: Position of the goal at the start.
        period_s: Time between two updates.
    """

    def __init__(self, task: Task, start: Point, goal: Point, period_s: float) -> None:
        self.status: str | None = None
        """None while the episode runs, then how it ended; the first result is final."""
        self._task = task
        self._period_s = period_s
        self._updates = 0
        self._poses_at_goal = 0  # in a row, up to now
        self._held_m = 0.0
        self._passed: dict[str, bool] = {"asked": False, "other": False}
        self._start, self._position, self._goal = start, start, goal
        self._anchor, self._anchor_update = start, 0  # position and update of the last progress
        self._judge(start, goal, None)

    @property
    def held_s(self) -> float:
        """Time in seconds that the robot has spent in the goal's circle without a break."""
        return self._poses_at_goal * self._period_s

    @property
    def held_m(self) -> float:
        """Distance in m that the goal has travelled meanwhile."""
        return self._held_m

    def ends_on_arrival(self, position: Point, goal: Point) -> bool:
        """Return whether this position ends the episode at once, even within a control period."""
        return not self._task.must_stay and self._is_at_goal(position, goal)

    def update(self, position: Point, goal: Point, touched: str | None) -> None:
        """Update with the state after one more control period.

        Args:
            position: Position of the robot, x and y in m.
            goal: Position of the goal.
            touched: Name of the item that the robot has hit, if any.
        """
        self._updates += 1
        self._judge(position, goal, touched)

    def _judge(self, position: Point, goal: Point, touched: str | None) -> None:
        self._note_side(position)
        self._note_stay(position, goal, touched)
        self._position, self._goal = position, goal
        if math.dist(position, self._anchor) > self._task.stuck_radius_m:
            self._anchor, self._anchor_update = position, self._updates
        if self.status is None:
            self.status = self._decide(touched)

    def _note_side(self, position: Point) -> None:
        """Record which side is passed, and in which direction: passing the wrong side can't be undone."""
        side = self._task.side
        if side is None:
            return
        start, before, now = (np.array(point) for point in (self._start, self._position, position))
        for name, segment in (("asked", side.asked), ("other", side.other)):
            a, b = np.array(segment)
            if segments_cross(before, now, a, b):
                onward = bool((turn_direction(a, b, before) > 0.0) == (turn_direction(a, b, start) > 0.0))
                self._passed[name] = onward or (name == "other" and self._passed[name])

    def _note_stay(self, position: Point, goal: Point, touched: str | None) -> None:
        """Count the time and the goal's way while the robot is in its circle."""
        if touched is not None:
            return
        if not self._is_at_goal(position, goal):
            self._poses_at_goal, self._held_m = 0, 0.0
            return
        self._held_m += math.dist(goal, self._goal) if self._poses_at_goal else 0.0
        self._poses_at_goal += 1

    def _decide(self, touched: str | None) -> str | None:
        task = self._task
        if touched is not None:
            return "collision"
        if self._passed["other"]:
            return "wrong-side"
        stayed = self.held_s >= task.hold_s - TIME_TOLERANCE_S and self._held_m >= task.hold_m
        if self._poses_at_goal and stayed:
            return "success" if task.side is None or self._passed["asked"] else "wrong-side"
        if any(math.dist(self._position, other.pose.xy) <= other.radius_m for other in task.others):
            return "wrong-target"
        if self._updates * self._period_s >= task.time_limit_s - TIME_TOLERANCE_S:
            return "timeout"
        if (self._updates - self._anchor_update) * self._period_s >= task.stuck_after_s - TIME_TOLERANCE_S:
            return "stuck"
        return None

    def _is_at_goal(self, position: Point, goal: Point) -> bool:
        return math.dist(position, goal) <= self._task.goal.radius_m
