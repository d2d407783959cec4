"""Task monitoring: how an episode ends, from positions alone, without physics or images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scenarios.geometry import Point, segments_cross, turn_direction
from scenarios.world import Target, Task

TIME_TOLERANCE_S = 1e-9  # sums of control periods are not exact


class Stay:
    """The time that the robot has spent within reach of a target without a break, and the target's way meanwhile."""

    def __init__(self, target: Target, place: Point) -> None:
        self._radius_m = target.radius_m
        self._place = place
        self.updates = 0
        """Updates in a row, up to now."""
        self.travelled_m = 0.0
        """Distance that the target has travelled since the first of them."""

    def update(self, robot: Point, place: Point) -> None:
        """Update with the positions of the robot and of the target after one more control period."""
        if not self.covers(robot, place):
            self.updates, self.travelled_m = 0, 0.0
        else:
            self.travelled_m += math.dist(place, self._place) if self.updates else 0.0
            self.updates += 1
        self._place = place

    def covers(self, robot: Point, place: Point) -> bool:
        """Return whether a robot is within reach of the target at a place."""
        return math.dist(robot, place) <= self._radius_m


class TaskMonitor:
    """A monitor that follows the robot once per control period and decides how the episode ends.

    Args:
        task: The robot's task.
        start: Start position, x and y in m.
        goal: Position of the goal at the start.
        period_s: Time between two updates.
        decoys: Positions of the task's decoys at the start.
    """

    def __init__(self, task: Task, start: Point, goal: Point, period_s: float, decoys: Sequence[Point] = ()) -> None:
        self.status: str | None = None
        """None while the episode runs, then how it ended; the first result is final."""
        self._task = task
        self._period_s = period_s
        self._updates = 0
        self._at_goal = Stay(task.goal, goal)
        self._at_decoys = [Stay(decoy, place) for decoy, place in zip(task.decoys, decoys, strict=True)]
        self._passed: dict[str, bool] = {"asked": False, "other": False}
        self._start, self._position = start, start
        self._anchor, self._anchor_update = start, 0  # position and update of the last progress
        self._judge(start, goal, None, decoys)

    @property
    def held_s(self) -> float:
        """Time in seconds that the robot has spent in the goal's circle without a break."""
        return self._at_goal.updates * self._period_s

    @property
    def held_m(self) -> float:
        """Distance in m that the goal has travelled meanwhile."""
        return self._at_goal.travelled_m

    def ends_on_arrival(self, position: Point, goal: Point) -> bool:
        """Return whether this position ends the episode at once, even within a control period."""
        return not self._task.must_stay and self._at_goal.covers(position, goal)

    def update(self, position: Point, goal: Point, touched: str | None, decoys: Sequence[Point] = ()) -> None:
        """Update with the state after one more control period.

        Args:
            position: Position of the robot, x and y in m.
            goal: Position of the goal.
            touched: Name of the item that the robot has hit, if any.
            decoys: Positions of the task's decoys.
        """
        self._updates += 1
        self._judge(position, goal, touched, decoys)

    def _judge(self, position: Point, goal: Point, touched: str | None, decoys: Sequence[Point]) -> None:
        self._note_side(position)
        if touched is None:
            for stay, place in zip((self._at_goal, *self._at_decoys), (goal, *decoys), strict=True):
                stay.update(position, place)
        self._position = position
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

    def _decide(self, touched: str | None) -> str | None:
        task = self._task
        if touched is not None:
            return "collision"
        if self._passed["other"]:
            return "wrong-side"
        if self._is_long_enough(self._at_goal):
            return "success" if task.side is None or self._passed["asked"] else "wrong-side"
        if any(self._is_long_enough(stay) for stay in self._at_decoys):
            return "wrong-target"
        if any(math.dist(self._position, other.pose.xy) <= other.radius_m for other in task.others):
            return "wrong-target"
        if self._updates * self._period_s >= task.time_limit_s - TIME_TOLERANCE_S:
            return "timeout"
        if (self._updates - self._anchor_update) * self._period_s >= task.stuck_after_s - TIME_TOLERANCE_S:
            return "stuck"
        return None

    def _is_long_enough(self, stay: Stay) -> bool:
        """Return whether a stay is as long as the task requires of that at its goal."""
        time_s = stay.updates * self._period_s
        return (
            stay.updates > 0
            and time_s >= self._task.hold_s - TIME_TOLERANCE_S
            and stay.travelled_m >= self._task.hold_m
        )
