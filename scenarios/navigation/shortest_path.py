"""Shortest paths in any direction among grown obstacles: tangents and arcs, exact but for rounding."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenarios.geometry import Point
from scenarios.navigation.configuration_space import LINE_RADIUS_M, TOLERANCE_M, Circles, ConfigurationSpace

ARC_SHARES = np.linspace(0.0, 1.0, 9)  # where an arc between two tangents is checked
SIDES = np.array([(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)])  # on which a tangent passes its two circles
SHORTEST_EDGE_M = 1e-12  # so that a graph's edges aren't taken for missing ones
START, GOAL = 0, 1  # numbers of circles


@dataclass(frozen=True)
class ShortestPath:
    """A shortest path into a goal's circle.

    Attributes:
        length_m: Its length, with arcs as arcs; infinite if there is no path.
        points: (k, 2) points on it, from the start to the circle; arcs have some in between.
    """

    length_m: float
    points: np.ndarray


def find_shortest_path(
    space: ConfigurationSpace, start: Point | np.ndarray, goal: Point | np.ndarray, radius_m: float
) -> ShortestPath:
    """Find the shortest path from a start into the circle round a goal.

    The search begins without obstacles. Those that its path hits are added until it hits none: a shortest path among
    some obstacles that is free of all of them is the shortest among all.
    """
    begin, centre = np.array(start), np.array(goal)
    straight = np.stack([begin, cut_at_circle(begin[None], centre, radius_m)[0]])
    chosen = space.blocks(straight[:1], straight[1:])[0]
    if not chosen.any():
        return ShortestPath(float(np.hypot(*(straight[1] - begin))), straight)
    while True:
        graph = TangentGraph(space.select(chosen), begin, centre, radius_m)
        nodes, length_m = graph.find_path()
        if not nodes:
            return ShortestPath(np.inf, begin[None])
        points = graph.trace(nodes)
        hit = space.blocks(points[:-1], points[1:]).any(axis=0)
        if not (hit & ~chosen).any():
            return ShortestPath(length_m, points)
        chosen |= hit


class TangentGraph:
    """The graph of tangents between circles and arcs on them, from a start to the circle round a goal.

    Nodes are the ends of tangents; edges are tangents, and arcs between neighbours on a circle. Points are circles
    without a radius: the start, the goal's centre, whose tangents end on the goal's circle, and the points where that
    circle meets outlines.

    Args:
        space: The obstacles.
        start: (2,) metres.
        goal: (2,) metres.
        radius_m: Radius of the goal's circle.
        marks: (k, 2) points on the goal's circle that are ends, too.
    """

    def __init__(
        self,
        space: ConfigurationSpace,
        start: np.ndarray,
        goal: np.ndarray,
        radius_m: float,
        marks: np.ndarray | None = None,
    ) -> None:
        self._space = space
        rims = space.find_outline_points(goal, radius_m)
        if marks is not None:
            rims = np.concatenate([rims, marks])
        points = Circles.from_points(np.stack([start, goal, *rims]))
        self._circles = Circles.join([points, space.circles()])
        numbers, places = find_tangents(self._circles, 2 + len(rims))  # (n, 2), (n, 2, 2)
        radial, end = np.nonzero(numbers == GOAL)
        places[radial, end] = cut_at_circle(places[radial, 1 - end], goal, radius_m)
        free = np.all(space.is_within_bounds(places), axis=1)
        free[free] = ~space.blocks(places[free, 0], places[free, 1]).any(axis=1)
        on_rim, on_circle = np.nonzero(self._circles.outline_contains(rims))  # where an arc enters the goal's circle
        self._numbers = np.concatenate([numbers[free].reshape(-1), on_circle])  # of each node: its circle
        self._places = np.concatenate([places[free].reshape(-1, 2), rims[on_rim]])  # and its place
        self._is_end = (self._numbers >= GOAL) & (self._numbers < 2 + len(rims))
        self._is_end[2 * int(free.sum()) :] = True
        self._lines = np.arange(2 * int(free.sum())).reshape(-1, 2)  # nodes of each tangent
        self._arcs, self._arc_m, self._arc_points = self._find_arcs()

    def _find_arcs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the free arcs between neighbours on a circle: their nodes (a, 2), lengths (a,), points (a, s, 2)."""
        offset = self._places - self._circles.centres[self._numbers]
        angles = np.arctan2(offset[:, 1], offset[:, 0])
        order = np.lexsort((angles, self._numbers))
        order = order[(self._circles.radii[self._numbers[order]] > 0.0) | (self._numbers[order] == START)]
        ends = np.flatnonzero(np.diff(self._numbers[order], append=-1))  # the last node on each circle
        after = np.arange(1, len(order) + 1)
        after[ends] = np.r_[0, ends[:-1] + 1][: len(ends)]  # is followed by its first
        arcs = np.stack([order, order[after]], axis=1)
        turns = angles[arcs[:, 1]] - angles[arcs[:, 0]]
        turns[ends] += 2.0 * np.pi
        radii, centres = self._circles.radii[self._numbers[order]], self._circles.centres[self._numbers[order]]
        at = angles[order, None] + turns[:, None] * ARC_SHARES  # (a, s)
        points = centres[:, None] + radii[:, None, None] * np.stack([np.cos(at), np.sin(at)], axis=-1)
        free = self._space.is_within_bounds(points).all(axis=1) & ~self._space.contains(points).any(axis=(1, 2))
        free &= arcs[:, 0] != arcs[:, 1]
        # Lines are too thin for these points to meet them. The arcs at their own ends don't cross them.
        crossing = self._space.lines().blocks(points[:, :-1].reshape(-1, 2), points[:, 1:].reshape(-1, 2))
        free &= ~crossing.reshape(len(arcs), -1).any(axis=1) | (radii <= LINE_RADIUS_M)
        return arcs[free], (turns * radii)[free], points[free]

    def find_path(self) -> tuple[list[int], float]:
        """Return the nodes of the shortest path, from the start to an end, and its length; no nodes without a path."""
        distance, before = self._search()
        distance = np.where(self._is_end, distance, np.inf)
        if not np.isfinite(distance.min(initial=np.inf)):
            return [], np.inf
        path = [int(distance.argmin())]
        while before[path[-1]] >= 0:
            path.append(int(before[path[-1]]))
        return path[::-1], float(distance.min())

    def measure_ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the places (k, 2) of all ends that can be reached, and the lengths (k,) of the paths to them."""
        distance, _ = self._search()
        reached = self._is_end & np.isfinite(distance)
        return self._places[reached], distance[reached]

    def _search(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the distance (n,) of every node from the start, and the node before it."""
        from scipy.sparse import csr_array  # slow to import, and what only lists scenarios plans no path
        from scipy.sparse.csgraph import dijkstra

        count, starts = len(self._numbers), np.flatnonzero(self._numbers == START)
        if not len(starts):
            return np.full(count, np.inf), np.full(count, -1)
        line = self._places[self._lines[:, 1]] - self._places[self._lines[:, 0]]
        lengths = np.maximum(np.concatenate([np.hypot(line[:, 0], line[:, 1]), self._arc_m]), SHORTEST_EDGE_M)
        edges = np.concatenate([self._lines, self._arcs])
        graph = csr_array((lengths, (edges[:, 0], edges[:, 1])), shape=(count, count))
        distance, before = dijkstra(graph, directed=False, indices=int(starts[0]), return_predecessors=True)
        return distance, before

    def trace(self, nodes: list[int]) -> np.ndarray:
        """Return points (k, 2) on a path, those of its arcs included."""
        arcs = {tuple(arc): points for arc, points in zip(self._arcs.tolist(), self._arc_points, strict=True)}
        pieces = [self._places[nodes[:1]]]
        for a, b in pairwise(nodes):
            if (a, b) in arcs:
                pieces.append(arcs[a, b][1:])
            elif (b, a) in arcs:
                pieces.append(arcs[b, a][-2::-1])
            else:
                pieces.append(self._places[[b]])
        return np.concatenate(pieces)


def find_tangents(circles: Circles, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the lines that touch two circles of which one at least is not one of the first ``points`` after the start.

    Returns:
        The numbers of the circles (n, 2), and the ends of the tangents on them (n, 2, 2).
    """
    first, second = np.triu_indices(len(circles.radii), 1)
    wanted = (first == START) | (second >= points)
    first, second = first[wanted], second[wanted]
    offset = circles.centres[second] - circles.centres[first]
    away, course = np.hypot(offset[:, 0], offset[:, 1]), np.arctan2(offset[:, 1], offset[:, 0])
    sides = SIDES[:, None]  # (4, 1, 2)
    across = sides[..., 0] * circles.radii[first] - sides[..., 1] * circles.radii[second]  # (4, p)
    # A point has one side only.
    exists = (np.abs(across) < away) & ((sides[..., 0] > 0.0) | (circles.radii[first] > 0.0))
    exists &= (sides[..., 1] > 0.0) | (circles.radii[second] > 0.0)
    side, pair = np.nonzero(exists)
    angle = course[pair] + np.arcsin(across[side, pair] / away[pair])
    left = np.stack([-np.sin(angle), np.cos(angle)], axis=1)
    numbers = np.stack([first[pair], second[pair]], axis=1)
    normals = -SIDES[side][..., None] * left[:, None]  # (n, 2, 2) outwards at each end
    touches = circles.faces_outwards(numbers, normals).all(axis=1)
    numbers, normals = numbers[touches], normals[touches]
    return numbers, circles.centres[numbers] + circles.radii[numbers][..., None] * normals


def cut_at_circle(begins: np.ndarray, centre: np.ndarray, radius_m: float) -> np.ndarray:
    """Return where lines from ``begins`` (n, 2) to the centre of a circle enter it; where they begin, if inside."""
    line = begins - centre
    away = np.hypot(line[:, 0], line[:, 1])
    cut: np.ndarray = centre + np.minimum(1.0, radius_m / np.maximum(away, TOLERANCE_M))[:, None] * line
    return cut
