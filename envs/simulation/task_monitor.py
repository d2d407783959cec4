"""Task monitoring: how an episode ends, from positions alone, without physics or images."""

from __future__ import annotations

import math

import numpy as np

from scenarios.geometry import Point, segments_cross
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
        self._took_asked_side = False
        self._position = start
        self._anchor, self._anchor_update = start, 0  # position and update of the last progress
        self._judge(start, goal, None)

    @property
    def held_s(self) -> float:
        """Time in seconds that the robot has spent in the goal's circle without a break."""
        return self._poses_at_goal * self._period_s

    def ends_on_arrival(self, position: Point, goal: Point) -> bool:
        """Return whether this position ends the episode at once, even within a control period."""
        return self._task.hold_s == 0.0 and self._is_at_goal(position, goal)

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
        self._position = position
        if touched is None:
            self._poses_at_goal = self._poses_at_goal + 1 if self._is_at_goal(position, goal) else 0
        if math.dist(position, self._anchor) > self._task.stuck_radius_m:
            self._anchor, self._anchor_update = position, self._updates
        if self.status is None:
            self.status = self._decide(touched)

    def _note_side(self, position: Point) -> None:
        """Record the side that was taken last; a robot that turns back may still take the other one."""
        if self._task.side is None:
            return
        before, now = np.array(self._position), np.array(position)
        if segments_cross(before, now, *np.array(self._task.side.asked)):
            self._took_asked_side = True
        if segments_cross(before, now, *np.array(self._task.side.other)):
            self._took_asked_side = False

    def _decide(self, touched: str | None) -> str | None:
        task = self._task
        if touched is not None:
            return "collision"
        if self._poses_at_goal and self.held_s >= task.hold_s - TIME_TOLERANCE_S:
            return "success" if task.side is None or self._took_asked_side else "wrong-side"
        if any(math.dist(self._position, other.pose.xy) <= other.radius_m for other in task.others):
            return "wrong-target"
        if self._updates * self._period_s >= task.time_limit_s - TIME_TOLERANCE_S:
            return "timeout"
        if (self._updates - self._anchor_update) * self._period_s >= task.stuck_after_s - TIME_TOLERANCE_S:
            return "stuck"
        return None

    def _is_at_goal(self, position: Point, goal: Point) -> bool:
        return math.dist(position, goal) <= self._task.goal.radius_m
