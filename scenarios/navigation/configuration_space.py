"""The places where the robot's centre can be: obstacles grown by the radius of its hull, exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.geometry import Bounds
from scenarios.navigation.clearance_grid import blocking_items
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, World, hull_shape

LINE_RADIUS_M = 1e-3  # a line that must not be crossed is an obstacle of this radius
TOLERANCE_M = 1e-6  # paths may touch an obstacle
CORNER_SIGNS = np.array([(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)])


@dataclass(frozen=True)
class Circles:
    """Circles that shortest paths bend round: round obstacles and the rounded corners of boxes.

    Attributes:
        centres: (m, 2) metres.
        radii: (m,) metres; 0 for points.
        outward: (m, 2) signs of the corner that the circle rounds, in its box's frame; 0 for whole circles.
        yaw: (m,) of the box.
    """

    centres: np.ndarray
    radii: np.ndarray
    outward: np.ndarray
    yaw: np.ndarray

    @staticmethod
    def from_points(points: np.ndarray) -> Circles:
        """Return points (m, 2) as circles."""
        count = len(points)
        return Circles(np.reshape(points, (-1, 2)), np.zeros(count), np.zeros((count, 2)), np.zeros(count))

    @staticmethod
    def join(parts: Sequence[Circles]) -> Circles:
        """Return all circles of several sets, in order."""
        return Circles(
            np.concatenate([part.centres for part in parts]),
            np.concatenate([part.radii for part in parts]),
            np.concatenate([part.outward for part in parts]),
            np.concatenate([part.yaw for part in parts]),
        )

    def faces_outwards(self, numbers: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """Return whether (...) an outline follows circle ``numbers`` (...) where it faces ``normals`` (..., 2)."""
        cos, sin = np.cos(self.yaw)[numbers], np.sin(self.yaw)[numbers]
        signs, x, y = self.outward[numbers], normals[..., 0], normals[..., 1]
        ahead, left = signs[..., 0] * (cos * x + sin * y), signs[..., 1] * (cos * y - sin * x)
        faces: np.ndarray = (ahead >= -TOLERANCE_M) & (left >= -TOLERANCE_M)
        return faces

    def outline_contains(self, points: np.ndarray) -> np.ndarray:
        """Return whether each circle's outline contains each of points (k, 2): (k, m) bool."""
        offset = points[:, None] - self.centres
        contains: np.ndarray = np.abs(np.hypot(offset[..., 0], offset[..., 1]) - self.radii) < TOLERANCE_M
        return contains & (self.radii > 0.0)


@dataclass(frozen=True)
class ConfigurationSpace:
    """Obstacles for the robot's centre: b boxes, each rounded by a radius, and then c circles.

    Attributes:
        centres: (b + c, 2) metres.
        half_m: (b, 2) half extents of the boxes before they are grown.
        yaw: (b,) of the boxes.
        radii: (b + c,) metres.
        bounds_m: The area in which the robot's centre must stay.
    """

    centres: np.ndarray
    half_m: np.ndarray
    yaw: np.ndarray
    radii: np.ndarray
    bounds_m: Bounds

    @staticmethod
    def from_world(world: World) -> ConfigurationSpace:
        """Return a world's static obstacles, the circles of wrong targets, and the line on the side not to take."""
        shapes = [(item.pose, hull_shape(item.shape)) for item in blocking_items(world)]
        boxes = [
            (*pose.xy, shape.size_m[0] / 2, shape.size_m[1] / 2, pose.yaw, ROBOT_RADIUS_M)
            for pose, shape in shapes
            if isinstance(shape, Box)
        ]
        if world.task.side is not None:
            (ax, ay), (bx, by) = world.task.side.other
            yaw = math.atan2(by - ay, bx - ax)
            boxes.append(((ax + bx) / 2, (ay + by) / 2, math.hypot(bx - ax, by - ay) / 2, 0.0, yaw, LINE_RADIUS_M))
        rounds = [(*p.xy, s.radius_m + ROBOT_RADIUS_M) for p, s in shapes if not isinstance(s, Box)]
        moving = {mover.name for mover in world.movers}
        rounds += [(*other.pose.xy, other.radius_m) for other in world.task.others if other.name not in moving]
        box, circle = np.array(boxes).reshape(-1, 6), np.array(rounds).reshape(-1, 3)
        return ConfigurationSpace(
            np.concatenate([box[:, :2], circle[:, :2]]),
            box[:, 2:4],
            box[:, 4],
            np.concatenate([box[:, 5], circle[:, 2]]),
            world.bounds_m,
        )

    @property
    def size(self) -> int:
        """Number of obstacles."""
        return len(self.centres)

    def select(self, chosen: np.ndarray) -> ConfigurationSpace:
        """Return some of the obstacles, chosen by (b + c,) bool."""
        boxes = chosen[: len(self.half_m)]
        return ConfigurationSpace(
            self.centres[chosen], self.half_m[boxes], self.yaw[boxes], self.radii[chosen], self.bounds_m
        )

    def lines(self) -> ConfigurationSpace:
        """Return the obstacles that are lines."""
        is_line = np.zeros(self.size, bool)
        is_line[: len(self.half_m)] = self.half_m[:, 1] == 0.0
        return self.select(is_line)

    def circles(self) -> Circles:
        """Return the circles that the outlines of the obstacles consist of, straight lines apart."""
        count, rounds = len(self.half_m), self.size - len(self.half_m)
        corners = self._to_world(CORNER_SIGNS * self.half_m[:, None])  # (b, 4, 2)
        signs = CORNER_SIGNS * (self.half_m[:, None] > 0.0)  # the two corners at the end of a line are one half circle
        return Circles(
            np.concatenate([corners.reshape(-1, 2), self.centres[count:]]),
            np.concatenate([np.repeat(self.radii[:count], 4), self.radii[count:]]),
            np.concatenate([signs.reshape(-1, 2), np.zeros((rounds, 2))]),
            np.concatenate([np.repeat(self.yaw, 4), np.zeros(rounds)]),
        )

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Return whether each obstacle contains each of points (..., 2): (..., b + c) bool."""
        offset = points[..., None, :] - self.centres  # (..., b + c, 2)
        count = len(self.half_m)
        beyond = np.abs(self._to_boxes(offset[..., :count, :])) - self.half_m
        outside = np.hypot(np.maximum(beyond[..., 0], 0.0), np.maximum(beyond[..., 1], 0.0))
        away = np.concatenate([outside, np.hypot(offset[..., count:, 0], offset[..., count:, 1])], axis=-1)
        inside: np.ndarray = away < self.radii - TOLERANCE_M
        return inside

    def blocks(self, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Return whether each obstacle blocks each of the segments from ``begins`` to ``ends`` (n, 2): (n, b + c)."""
        count = len(self.half_m)
        half = (ends - begins)[:, None] / 2  # (n, 1, 2)
        middle = (begins + ends)[:, None] / 2 - self.centres  # (n, b + c, 2)
        radii = self.radii - TOLERANCE_M
        rounds = _is_near(middle[:, count:], half, radii[count:])
        local_middle, local_half = self._to_boxes(middle[:, :count]), self._to_boxes(half)  # (n, b, 2)
        boxes = np.zeros(local_middle.shape[:2], bool)
        for grown in (np.array([1.0, 0.0]), np.array([0.0, 1.0])):
            boxes |= _crosses(local_middle, local_half, self.half_m + radii[:count, None] * grown)
        for signs in CORNER_SIGNS:
            boxes |= _is_near(local_middle - signs * self.half_m, local_half, radii[:count])
        return np.concatenate([boxes, rounds], axis=1)

    def is_within_bounds(self, points: np.ndarray) -> np.ndarray:
        """Return whether (...) points (..., 2) are within the bounds."""
        low, high = np.array(self.bounds_m[:2]) - TOLERANCE_M, np.array(self.bounds_m[2:]) + TOLERANCE_M
        within: np.ndarray = np.all((points >= low) & (points <= high), axis=-1)
        return within

    def find_outline_points(self, centre: np.ndarray, radius: float) -> np.ndarray:
        """Return the free points (k, 2) in which a circle meets the outlines of obstacles."""
        circles, count = self.circles(), len(self.half_m)
        offset = circles.centres - centre
        away = np.hypot(offset[:, 0], offset[:, 1])
        with np.errstate(invalid="ignore", divide="ignore"):
            along = (away**2 + radius**2 - circles.radii**2) / (2 * away)
            across = np.sqrt(radius**2 - along**2)  # NaN where they don't meet
            unit = offset / away[:, None]
            normal = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
            found = [centre + along[:, None] * unit + side * across[:, None] * normal for side in (1.0, -1.0)]
            local = self._to_boxes(centre - self.centres[:count])  # (b, 2) the circle's centre in each box's frame
            for axis in (0, 1):
                for sign in (1.0, -1.0):
                    edge = sign * (self.half_m[:, axis] + self.radii[:count])
                    reach = np.sqrt(radius**2 - (edge - local[:, axis]) ** 2)
                    for side in (1.0, -1.0):
                        at = local[:, 1 - axis] + side * reach
                        point = np.stack([edge, at] if axis == 0 else [at, edge], axis=1)[:, None]  # (b, 1, 2)
                        on_edge = np.abs(at) <= self.half_m[:, 1 - axis]
                        found.append(self._to_world(point)[on_edge, 0])
        points = np.concatenate(found)
        points = points[np.isfinite(points).all(axis=1)]
        free: np.ndarray = points[~self.contains(points).any(axis=1) & self.is_within_bounds(points)]
        return free

    def _to_boxes(self, vectors: np.ndarray) -> np.ndarray:
        """Rotate vectors (..., b or 1, 2) into the frame of each box."""
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        x, y = vectors[..., 0], vectors[..., 1]
        return np.stack([cos * x + sin * y, cos * y - sin * x], axis=-1)

    def _to_world(self, points: np.ndarray) -> np.ndarray:
        """Transform points (b, k, 2) from the frame of each box."""
        cos, sin = np.cos(self.yaw)[:, None], np.sin(self.yaw)[:, None]
        x, y = points[..., 0], points[..., 1]
        turned = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
        placed: np.ndarray = turned + self.centres[: len(self.half_m), None]
        return placed


def _is_near(middle: np.ndarray, half: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Return whether (n, m) the segment ``middle`` +- ``half`` (n, m, 2) comes within ``radii`` (m,) of the origin."""
    square = np.maximum((half * half).sum(axis=-1), 1e-18)
    nearest = np.clip(-(middle * half).sum(axis=-1) / square, -1.0, 1.0)
    x, y = middle[..., 0] + nearest * half[..., 0], middle[..., 1] + nearest * half[..., 1]
    near: np.ndarray = x * x + y * y < radii * radii
    return near


def _crosses(middle: np.ndarray, half: np.ndarray, extents: np.ndarray) -> np.ndarray:
    """Return whether (n, m) the segment ``middle`` +- ``half`` enters the rectangle of half ``extents`` (m, 2)."""
    x, y, along_x, along_y = middle[..., 0], middle[..., 1], half[..., 0], half[..., 1]
    wide, high = extents[..., 0], extents[..., 1]
    entered: np.ndarray = (
        (np.abs(x) < wide + np.abs(along_x))
        & (np.abs(y) < high + np.abs(along_y))
        & (np.abs(along_x * y - along_y * x) < wide * np.abs(along_y) + high * np.abs(along_x))
    )
    return entered
