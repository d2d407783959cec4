"""Items that move by themselves, each along its route."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from scenarios.geometry import Point, Pose2D


@dataclass(frozen=True)
class Route:
    """A polyline that an item moves along: round and round, or to its end and back.

    Attributes:
        points: Two or more corners on the floor, metres.
        speed_mps: Speed, where ``pace`` doesn't change it.
        closed: If true, the last corner connects to the first; otherwise the item returns the way it came.
        start_m: Distance along the route at the start of the episode.
        pace: Factor on the speed along each leg, from one corner to the next; empty if the speed is constant.
    """

    points: tuple[Point, ...]
    speed_mps: float
    closed: bool = False
    start_m: float = 0.0
    pace: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        legs = len(self.points) - (0 if self.closed else 1)
        if self.pace and (len(self.pace) != legs or min(self.pace) <= 0.0):
            raise ValueError(f"a pace needs a positive factor for each of {legs} legs, not {self.pace}")

    @cached_property
    def lap_m(self) -> float:
        """Length of a whole lap, back to the same place and heading, m."""
        corners = (*self.points, self.points[0]) if self.closed else self.points
        once = sum(math.dist(a, b) for a, b in pairwise(corners))
        return once if self.closed else 2.0 * once

    @cached_property
    def _legs(self) -> tuple[tuple[Point, Point, float, float], ...]:
        """Begin, end, length (m) and yaw (rad) of each leg of a lap."""
        corners = (*self.points, self.points[0]) if self.closed else (*self.points, *self.points[-2::-1])
        return tuple(
            (a, b, math.dist(a, b), math.atan2(b[1] - a[1], b[0] - a[0])) for a, b in pairwise(corners) if a != b
        )

    @cached_property
    def _timetable(self) -> tuple[np.ndarray, np.ndarray]:
        """Metres and seconds from the first corner to each corner of a lap, the first and the last included."""
        there = tuple(math.dist(a, b) for a, b in pairwise((*self.points, *self.points[: int(self.closed)])))
        lengths, pace = (there, self.pace) if self.closed else (there + there[::-1], self.pace + self.pace[::-1])
        seconds = np.array(lengths) / (self.speed_mps * np.array(pace))
        return np.concatenate([[0.0], np.cumsum(lengths)]), np.concatenate([[0.0], np.cumsum(seconds)])

    @property
    def lap_s(self) -> float:
        """Duration of a whole lap, s."""
        return float(self._timetable[1][-1]) if self.pace else self.lap_m / self.speed_mps

    def advance(self, distance_m: float, seconds: float) -> float:
        """Return the distance along the route that an item reaches which starts from another one and meets nothing."""
        if not self.pace:
            return distance_m + self.speed_mps * seconds
        metres, times = self._timetable
        laps, left = divmod(distance_m, float(metres[-1]))
        more, late = divmod(float(np.interp(left, metres, times)) + seconds, float(times[-1]))
        return (laps + more) * float(metres[-1]) + float(np.interp(late, times, metres))

    def pose_at(self, distance_m: float) -> Pose2D:
        """Return the pose at a distance along the route; episodes begin at ``start_m``."""
        left = distance_m % self.lap_m
        for a, b, length, yaw in self._legs:  # noqa: B007 - past the last by a rounding error, it is the last
            if left <= length:
                break
            left -= length
        else:
            left = length
        share = left / length
        return Pose2D(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), yaw)


@dataclass(frozen=True)
class MovingItem:
    """An item that moves by itself and can't be pushed.

    Attributes:
        name: Name of the item, whose pose is ``route.pose_at(route.start_m)``.
        yields: If true, it waits when its next step would bring it close to a robot that stands still.
    """

    name: str
    route: Route
    yields: bool = True
