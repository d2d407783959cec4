"""The shortest way and the earliest success where the goal moves and the robot may have to stay with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.navigation.shortest_path import find_shortest_path
from scenarios.navigation.taut_string import measure_lines, pull_taut
from scenarios.robot import ACTION_SCALE, CONTROL_PERIOD_S
from scenarios.world import World

SAMPLE_S = 0.25  # between computed positions of the goal; in between, it goes straight
FULL_SPEED_MPS = math.sqrt(2.0) * ACTION_SCALE  # ahead and sideways at once
CIRCLES = 20  # positions of the goal during which the robot stays with it
BATCH = 24  # lines computed together
COARSE_STEPS, REFINE_M = 5, 0.05  # meeting times are tried in these steps, and those near the best in single ones
MEETING_RADIUS_M = 1e-3  # of a point as a goal
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


@dataclass
class _Lines:
    """The shortest lines from one place that stay with the goal, for every time of meeting; infinite if not computed.

    Attributes:
        place: (2,) where they begin, m.
        reached_m: Length of the shortest path to there.
        lengths: (t,) of the path and the line, m.
        points: (t, c, 2) on the lines.
        final: (t,) bool: obstacles have been taken into account.
        hidden: (t,) bool: obstacles stand between the place and the meeting.
    """

    place: np.ndarray
    reached_m: float
    lengths: np.ndarray
    points: np.ndarray
    final: np.ndarray
    hidden: np.ndarray


class _WaySearch:
    """A best-first search over the times of meeting and over the places from which the goal's circle is in sight."""

    def __init__(self, world: World, space: ConfigurationSpace) -> None:
        self._space, self._start, self._radius_m = space, world.start.xy, world.task.goal.radius_m
        track = GoalTrack.from_world(world)
        circles = track.stretches()
        speed_mps = FULL_SPEED_MPS * max(1.0, *world.conditions.actuation.gain[:2])
        reachable = self._away(circles[:, 0], np.array(self._start)) <= speed_mps * (track.begins + SLACK_S)
        self._circles = circles[reachable] if reachable.any() else circles[-1:]  # (t, c, 2)
        self._lines: dict[tuple[float, ...], _Lines] = {}

    def find_least(self) -> float:
        """Return the least length over all times and places."""
        self._add_lines(self._start, 0.0)
        while True:
            lines = min(self._lines.values(), key=lambda each: float(each.lengths.min()))
            time = int(lines.lengths.argmin())
            if lines.final[time] or not np.isfinite(lines.lengths[time]):
                return float(lines.lengths[time])
            corners = np.concatenate([lines.place[None], lines.points[time]])
            hit = np.any(self._space.blocks(corners[:-1], corners[1:]), axis=1)
            if hit[0] and not self._space.contains(corners[1]).any():
                self._go_round(lines, corners[1])
                continue
            lines.final[time] = True
            if hit.any():
                lines.lengths[time] = max(lines.lengths[time], self._measure_path_to_farthest(time))

    def _go_round(self, lines: _Lines, meeting: np.ndarray) -> None:
        """Add the lines from the last bend of the shortest path to a meeting that is hidden from their place."""
        begins = np.broadcast_to(lines.place, lines.points[:, 0].shape)
        lines.hidden |= np.isfinite(lines.lengths) & self._space.blocks(begins, lines.points[:, 0]).any(axis=1)
        lines.lengths[lines.hidden] = np.inf
        self._compute_promising(lines)
        path = find_shortest_path(self._space, self._start, tuple(meeting), MEETING_RADIUS_M)
        if len(path.points) > 1:
            bend, end = path.points[-2:]
            self._add_lines(tuple(bend.tolist()), path.length_m - math.dist(bend, end))

    def _measure_path_to_farthest(self, time: int) -> float:
        """Compute the shortest path to the farthest of the circles that a robot must be in."""
        circles = self._circles[time]
        farthest = circles[self._away(circles, np.array(self._start)).argmax()]
        return find_shortest_path(self._space, self._start, tuple(farthest), self._radius_m).length_m

    def _away(self, centres: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Compute the distance (...), m, of circles (..., 2) from a place."""
        offset = centres - place
        return np.maximum(np.hypot(offset[..., 0], offset[..., 1]) - self._radius_m, 0.0)

    def _add_lines(self, place: tuple[float, ...], reached_m: float) -> None:
        if place in self._lines:
            return
        count = len(self._circles)
        nothing = np.zeros(count, bool)
        points = np.zeros_like(self._circles)
        self._lines[place] = _Lines(
            np.array(place), reached_m, np.full(count, np.inf), points, nothing.copy(), nothing.copy()
        )
        self._compute_promising(self._lines[place])

    def _compute_promising(self, lines: _Lines) -> None:
        """Compute the lines that may be the shortest: first for few times, then for those near the best ones."""
        coarse = np.arange(0, len(self._circles), COARSE_STEPS)
        self._compute(lines, coarse)
        near = coarse[lines.lengths[coarse] <= lines.lengths.min() + REFINE_M, None]
        fine = near + np.arange(1 - COARSE_STEPS, COARSE_STEPS)
        self._compute(lines, np.unique(fine.clip(0, len(self._circles) - 1)))

    def _compute(self, lines: _Lines, times: np.ndarray) -> None:
        """Compute lines for those times for which they can be the shortest, the most promising ones first."""
        at_least = lines.reached_m + self._away(self._circles[times], lines.place).max(axis=1)
        order = at_least.argsort()
        times, at_least = times[order], at_least[order]
        new = ~(np.isfinite(lines.lengths[times]) | lines.hidden[times])
        times, at_least = times[new], at_least[new]
        for first in range(0, len(times), BATCH):
            chosen = times[first : first + BATCH][at_least[first : first + BATCH] < lines.lengths.min()]
            if not len(chosen):
                return
            begins = np.broadcast_to(lines.place, (len(chosen), 2))
            lines.points[chosen] = pull_taut(begins, self._circles[chosen], self._radius_m)
            lines.lengths[chosen] = lines.reached_m + measure_lines(begins, lines.points[chosen])


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
