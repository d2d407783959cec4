"""A second way to find shortest paths, to compare with: points close together on all outlines, and sampled lines."""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np

from scenarios.geometry import segments_cross
from scenarios.navigation.clearance_grid import ObstacleOutlines, blocking_items
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Item, World, hull_shape

ARC_STEP_RAD = math.radians(5.0)
TOUCHING = math.sin(0.6 * ARC_STEP_RAD)  # of the angle between a line and an outline that it touches
SAMPLE_M = 0.01
DEPTH_M = 2e-3  # lines between neighbours on an arc cut off this much at most


def is_free(world: World, begins: np.ndarray, ends: np.ndarray, depth_m: float = DEPTH_M) -> np.ndarray:
    """Return whether lines (n, 2) keep out of obstacles, wrong targets and the wrong side, and within the bounds."""
    reach = float(np.hypot(*(ends - begins).T).max(initial=0.0))
    shares = np.linspace(0.0, 1.0, 2 + math.ceil(reach / SAMPLE_M))[:, None, None]
    points = begins + shares * (ends - begins)  # (s, n, 2)
    free = (ObstacleOutlines(world).clearance(points) >= -depth_m).all(axis=0)
    for other in world.task.others:
        free &= (np.hypot(*np.moveaxis(points - other.pose.xy, -1, 0)) >= other.radius_m - depth_m).all(axis=0)
    if world.task.side is not None:
        free &= ~segments_cross(begins, ends, *np.array(world.task.side.other))
    low, high = np.array(world.bounds_m[:2]), np.array(world.bounds_m[2:])
    free &= ((points >= low - depth_m) & (points <= high + depth_m)).all(axis=(0, 2))
    return free


def has_gap_in_doubt(world: World) -> bool:
    """Return whether some gap is narrower than the robot by so little that ``is_free`` lets the robot through."""
    low, high = np.array(world.bounds_m[:2]), np.array(world.bounds_m[2:])
    places = [_sample_outline(item) for item in blocking_items(world)]
    for number, points in enumerate(places):  # (k, 2)
        gaps = [np.minimum(points - low, high - points).min() - ROBOT_RADIUS_M]
        for item in blocking_items(world)[:number]:
            gaps.append(ObstacleOutlines(world, [item]).clearance(points).min() - ROBOT_RADIUS_M)
        for other in world.task.others:
            gaps.append(np.hypot(*(points - other.pose.xy).T).min() - other.radius_m - ROBOT_RADIUS_M)
        if world.task.side is not None:
            line = np.linspace(*np.array(world.task.side.other), 1000)
            gaps.append(np.hypot(*(points[:, None] - line).T).min() - ROBOT_RADIUS_M)
        if any(-3.0 * DEPTH_M < gap < DEPTH_M for gap in gaps):
            return True
    return False


def _sample_outline(item: Item) -> np.ndarray:
    """Points (k, 2) all round an item, close together."""
    shape = hull_shape(item.shape)
    if not isinstance(shape, Box):
        return arc_points(np.array(item.pose.xy), shape.radius_m, step=math.radians(0.5))[0]
    corners = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1), (1, 1)]) * shape.size_m[:2] / 2
    sides = [np.linspace(one, other, 400) for one, other in itertools.pairwise(corners)]
    return np.asarray(item.pose.to_world(np.concatenate(sides)))


def outline_points(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return points on the outlines of all obstacles for the robot's centre, and normals there, (k, 2) each.

    They are close together on arcs. The ends of the line on the side not to take have no normal: it is 0.
    """
    found = []
    for item in blocking_items(world):
        shape, place = hull_shape(item.shape), item.pose
        if isinstance(shape, Box):
            for signs in [(1, 1), (-1, 1), (-1, -1), (1, -1)]:
                corner = place.to_world(np.array(signs) * shape.size_m[:2] / 2)
                begin = place.yaw + math.atan2(signs[1], signs[0]) - math.pi / 4
                found.append(arc_points(corner, ROBOT_RADIUS_M, begin, math.pi / 2))
        else:
            found.append(arc_points(np.array(place.xy), shape.radius_m + ROBOT_RADIUS_M))
    found += [arc_points(np.array(other.pose.xy), other.radius_m) for other in world.task.others]
    if world.task.side is not None:
        ends = np.array(world.task.side.other)
        beyond = (ends - ends[::-1]) / np.hypot(*(ends[1] - ends[0])) * 1e-4
        found.append((ends + beyond, np.zeros((2, 2))))
    return np.concatenate([points for points, _ in found]), np.concatenate([normals for _, normals in found])


def arc_points(
    centre: np.ndarray, radius_m: float, begin: float = 0.0, turn: float = math.tau, step: float = ARC_STEP_RAD
) -> tuple[np.ndarray, np.ndarray]:
    """Return points (k, 2) on an arc, and normals there."""
    at = begin + np.linspace(0.0, turn, 1 + round(turn / step))
    normals = np.stack([np.cos(at), np.sin(at)], axis=1)
    return centre + radius_m * normals, normals


def measure_dense_path(world: World, at_most_m: float) -> float:
    """Find the length in m of the shortest path from the start into the goal's circle; infinite above ``at_most_m``.

    A* over lines between outline points that touch the outlines at both ends, checked point by point.
    """
    start, goal, radius_m = np.array(world.start.xy), np.array(world.task.goal.pose.xy), world.task.goal.radius_m
    rim, outline = arc_points(goal, radius_m, step=ARC_STEP_RAD / 5)[0], outline_points(world)
    nodes = np.concatenate([start[None], rim, outline[0]])
    normals = np.concatenate([np.zeros((1 + len(rim), 2)), outline[1]])
    left = np.maximum(np.hypot(*(nodes - goal).T) - radius_m, 0.0)
    near = np.hypot(*(nodes - start).T) + left <= at_most_m
    near &= is_free(world, nodes, nodes)
    nodes, normals, left = nodes[near], normals[near], left[near]
    reached = np.where(np.arange(len(nodes)) == 0, 0.0, np.inf)
    queue, closed, best = [(left[0], 0)], np.zeros(len(nodes), bool), np.inf
    while queue:
        total, node = heapq.heappop(queue)
        if total >= best:
            return best
        if closed[node]:
            continue
        closed[node] = True
        if left[node] == 0.0:
            best = min(best, reached[node])
            continue
        line = goal - nodes[node]
        ahead = nodes[node] + line * left[node] / np.hypot(*line)
        if is_free(world, nodes[[node]], ahead[None])[0]:
            best = min(best, reached[node] + left[node])
        lines = nodes - nodes[node]
        length = np.hypot(*lines.T)
        touching = (np.abs((lines * normals).sum(axis=1)) <= TOUCHING * length) & (
            np.abs(lines @ normals[node]) <= TOUCHING * length
        )
        length += reached[node]
        better = np.flatnonzero(touching & ~closed & (length < reached) & (length + left <= min(at_most_m, best)))
        better = better[is_free(world, np.broadcast_to(nodes[node], (len(better), 2)), nodes[better])]
        reached[better] = length[better]
        for number in better.tolist():
            heapq.heappush(queue, (reached[number] + left[number], number))
    return best
