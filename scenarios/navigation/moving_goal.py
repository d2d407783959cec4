"""The shortest way and the earliest success where the goal moves and the robot may have to stay with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.navigation.shortest_path import TangentGraph, find_shortest_path
from scenarios.navigation.taut_string import measure_lines, pull_taut
from scenarios.robot import ACTION_SCALE, CONTROL_PERIOD_S
from scenarios.world import World

SAMPLE_S = 0.25  # between computed positions of the goal; in between, it goes straight
FULL_SPEED_MPS = math.sqrt(2.0) * ACTION_SCALE  # ahead and sideways at once
CIRCLES = 20  # positions of the goal during which the robot stays with it
BATCH = 24  # lines computed together
COARSE_STEPS, REFINE_M = 5, 0.05  # meeting times are tried in these steps, and those near the best in single ones
DETOUR_M = 0.2  # obstacles rarely make ways longer by more
MEETINGS = 48  # points on the goal's circle, for ways round obstacles
SLACK_S = 0.1  # robots may be this much early, since times are sampled


@dataclass(frozen=True)
class GoalTrack:
    """A goal's positions if nothing stops it, and the stretches during which a robot has to stay with it.

    Attributes:
        begins: (t,) times at which the robot may begin to stay, in s, a control period apart.
        ends: (t,) the time at which it has stayed long enough, for each of them; before the task's time limit.
        times: (n,) sampled times, s.
        places: (n, 2) the goal's positions at those, m.
    """

    begins: np.ndarray
    ends: np.ndarray
    times: np.ndarray
    places: np.ndarray

    @staticmethod
    def from_world(world: World) -> GoalTrack:
        """Compute the track of a world's moving goal."""
        task, mover = world.task, world.goal_mover
        if mover is None:
            raise ValueError("the goal of this world doesn't move")
        times = np.arange(0.0, task.time_limit_s + SAMPLE_S, SAMPLE_S)
        along = np.array([mover.route.advance(mover.route.start_m, float(seconds)) for seconds in times])
        places = np.array([mover.route.pose_at(float(metres)).xy for metres in along])
        begins = np.arange(0.0, task.time_limit_s, CONTROL_PERIOD_S)
        # Both the first and the last control period count as time with the goal.
        ends = begins + max(task.hold_s - CONTROL_PERIOD_S, 0.0)
        if task.hold_m > 0.0:
            far = np.interp(begins, times, along) + task.hold_m
            ends = np.maximum(ends, np.interp(far, along, times, right=np.inf))
        in_time = ends <= task.time_limit_s
        in_time[0] |= not in_time.any()
        return GoalTrack(begins[in_time], np.minimum(ends[in_time], task.time_limit_s), times, places)

    def places_at(self, times: np.ndarray) -> np.ndarray:
        """Return the goal's positions (..., 2) at times (...)."""
        return np.stack([np.interp(times, self.times, self.places[:, axis]) for axis in (0, 1)], axis=-1)

    def stretches(self) -> np.ndarray:
        """Return ``CIRCLES`` positions of the goal while the robot stays with it, for each begin: (t, c, 2)."""
        shares = np.linspace(0.0, 1.0, CIRCLES)
        return self.places_at(self.begins[:, None] + shares * (self.ends - self.begins)[:, None])


def measure_shortest_way(world: World, space: ConfigurationSpace) -> float:
    """Compute the length in m of the shortest drive that can succeed, wherever and whenever it meets the goal.

    A drive leads from the start into the goal's circle and then stays in it: it may wait, and cut the goal's corners.
    The minimum is over all meeting times that a robot at full speed can keep. Where obstacles stand in the way after
    the meeting, the result is a lower bound, so that no valid drive is shorter.
    """
    return _WaySearch(world, space).find_least()


class _WaySearch:
    """The search for the shortest way over all times of meeting.

    Lines without obstacles are lower bounds. Only if the shortest one is blocked, ways round obstacles are computed.
    """

    def __init__(self, world: World, space: ConfigurationSpace) -> None:
        self._space, self._start, self._radius_m = space, np.array(world.start.xy), world.task.goal.radius_m
        track = GoalTrack.from_world(world)
        circles = track.stretches()
        speed_mps = FULL_SPEED_MPS * max(1.0, *world.conditions.actuation.gain[:2])
        reachable = self._away(circles[:, 0], self._start) <= speed_mps * (track.begins + SLACK_S)
        self._circles = circles[reachable] if reachable.any() else circles[-1:]  # (t, c, 2)
        self._at_least = self._away(self._circles, self._start).max(axis=1)  # (t,) metres
        self._lengths = np.full(len(self._circles), np.inf)  # of the lines without obstacles
        self._points = np.zeros_like(self._circles)  # on them

    def find_least(self) -> float:
        """Return the least length over all times."""
        coarse = np.arange(0, len(self._circles), COARSE_STEPS)
        self._compute_promising(coarse)
        near = coarse[self._lengths[coarse] <= self._lengths.min() + REFINE_M, None]
        fine = near + np.arange(1 - COARSE_STEPS, COARSE_STEPS)
        self._compute_promising(np.unique(fine.clip(0, len(self._circles) - 1)))
        time = int(self._lengths.argmin())
        if not self._find_hits(time).any():
            return float(self._lengths[time])
        return self._find_least_round(coarse)

    def _find_least_round(self, coarse: np.ndarray) -> float:
        """Return the least length round obstacles: from coarse times first, then from those beside the best one."""
        probable = self._at_least[coarse] < self._lengths.min() + DETOUR_M
        self._compute_lines(coarse[probable & ~np.isfinite(self._lengths[coarse])])  # faster than one by one
        best_m, best = np.inf, 0
        for time in coarse[self._at_least[coarse].argsort()].tolist():
            if self._at_least[time] >= best_m:
                break
            if (length_m := self._measure_way(time, best_m)) < best_m:
                best_m, best = length_m, time
        for step in (2, 1):
            for time in {max(best - step, 0), min(best + step, len(self._circles) - 1)}:
                if (length_m := self._measure_way(time, best_m)) < best_m:
                    best_m, best = length_m, time
        return best_m

    def _measure_way(self, time: int, at_most_m: float) -> float:
        """Compute the length of the shortest way with a time of meeting; a lower bound if that is too long."""
        if not np.isfinite(self._lengths[time]):
            self._compute_lines(np.array([time]))
        length_m = float(self._lengths[time])
        if length_m >= at_most_m or not (hit := self._find_hits(time)).any():
            return length_m
        circles = self._circles[time]
        if not hit[0]:  # furniture beside the goal's way
            farthest = circles[self._away(circles, self._start).argmax()]
            path = find_shortest_path(self._space, self._start, farthest, self._radius_m)
            return max(length_m, path.length_m)
        return max(length_m, self._measure_over_meetings(circles, at_most_m))

    def _measure_over_meetings(self, circles: np.ndarray, at_most_m: float) -> float:
        """Compute the least length of a path to the edge of the first circle (c, 2) and the line on from there."""
        angles = np.linspace(0.0, math.tau, MEETINGS, endpoint=False)
        rim = circles[0] + self._radius_m * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        graph = TangentGraph(self._space, self._start, circles[0], self._radius_m, rim)
        meetings, reached = graph.measure_ends()  # (m, 2), (m,)
        at_least = reached + self._away(circles, meetings[:, None]).max(axis=1)
        order = at_least.argsort()
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            chosen = chosen[at_least[chosen] < at_most_m]
            if not len(chosen):
                break
            points = pull_taut(
                meetings[chosen], np.broadcast_to(circles, (len(chosen), *circles.shape)), self._radius_m
            )
            at_most_m = min(at_most_m, float((reached[chosen] + measure_lines(meetings[chosen], points)).min()))
        return at_most_m

    def _find_hits(self, time: int) -> np.ndarray:
        """Return which pieces (c,) of the line for a time are blocked; the first one leads to the meeting."""
        corners = np.concatenate([self._start[None], self._points[time]])
        return np.asarray(np.any(self._space.blocks(corners[:-1], corners[1:]), axis=1))

    def _away(self, centres: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Compute the distances (...), m, of circles (..., 2) from places (..., 2)."""
        offset = centres - places
        return np.maximum(np.hypot(offset[..., 0], offset[..., 1]) - self._radius_m, 0.0)

    def _compute_promising(self, times: np.ndarray) -> None:
        """Compute lines for those times for which they can be the shortest, the most promising ones first."""
        times = times[~np.isfinite(self._lengths[times])]
        times = times[self._at_least[times].argsort()]
        for first in range(0, len(times), BATCH):
            chosen = times[first : first + BATCH]
            self._compute_lines(chosen[self._at_least[chosen] < self._lengths.min()])

    def _compute_lines(self, times: np.ndarray) -> None:
        """Compute the lines for some times."""
        if len(times):
            starts = np.broadcast_to(self._start, (len(times), 2))
            self._points[times] = pull_taut(starts, self._circles[times], self._radius_m)
            self._lengths[times] = measure_lines(starts, self._points[times])


def find_earliest_success(world: World, space: ConfigurationSpace, speed_mps: float) -> float:
    """Compute the first time in s at which a robot with this speed has met the moving goal and stayed as required."""
    track = GoalTrack.from_world(world)
    places = track.places_at(track.begins)
    goal_mps = float(np.hypot(*np.diff(track.places, axis=0).T).max()) / SAMPLE_S
    number = 0
    while number < len(track.begins):
        path = find_shortest_path(space, world.start.xy, tuple(places[number]), world.task.goal.radius_m)
        late_s = (path.length_m - speed_mps * track.begins[number]) / (speed_mps + goal_mps)  # at least
        if late_s <= 0.0:
            return float(track.ends[number])
        number = max(number + 1, int(np.searchsorted(track.begins, track.begins[number] + late_s)))
    return float(track.ends[-1])
