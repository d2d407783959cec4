"""A map of the floor from sightings: where something stands, and what has been seen.

All maps and poses are in the frame of the start: x ahead of the robot's first pose, y to its left.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from policies.reference.network import RAY_KINDS
from policies.reference.panorama import EYE_AHEAD_M, RAYS, SIDE_RAD, compute_bearings
from policies.reference.sighting import Sighting
from scenarios.robot import ROBOT_RADIUS_M

CELL_M = 0.05
LOWEST_M = np.array([-8.0, -11.0])
"""The map's corner: it reaches as far as the families' buildings do, also from a start that is turned by 60 degrees."""
CELLS_XY = (400, 440)
SEEN_M = 5.5
"""Beyond this, ranges are too uncertain for a map."""
NEAREST_M = 0.25
OCCUPIED, FREE = 0.4, -0.3
"""Log odds beyond which a cell counts as occupied or free."""
LOWEST_ODDS, HIGHEST_ODDS = -4.0, 3.0
FREE_WEIGHT, HIT_WEIGHT = 0.7, 1.1
FULL_WEIGHT_M = 1.2  # up to here, a free cell counts fully
SURE_SPREAD_M = 0.07  # of ranges that count fully
HIT_DEPTH_M, SHALLOWEST_HIT_M, DEEPEST_HIT_M = 0.015, 0.035, 0.12  # of what a ray hits behind its range
MARGIN_M = 0.04  # in front of a range, nothing is said
MOVER_MARGIN_M = 0.35
MOST_VOTES = 3.0
OWN_PLACE_ODDS = -1.0  # where the robot is, nothing stands
MOVER, OBSTACLE = RAY_KINDS.index("mover"), RAY_KINDS.index("obstacle")
Window = tuple[slice, slice]


class Eye(NamedTuple):
    """Where the camera is, and where it looks."""

    xy: np.ndarray
    yaw: float


def locate_eye(pose: np.ndarray) -> Eye:
    """Return the camera's place for the robot's pose (3,)."""
    yaw = float(pose[2])
    return Eye(pose[:2] + EYE_AHEAD_M * np.array([math.cos(yaw), math.sin(yaw)]), yaw)


def find_cells(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns (...) of the cells that contain points (..., 2), or of the nearest ones."""
    index = np.clip(((np.asarray(points) - LOWEST_M) / CELL_M).astype(int), 0, np.array(CELLS_XY) - 1)
    return index[..., 0], index[..., 1]


def is_on_map(xy: np.ndarray) -> bool:
    """Return whether a place (2,) is on the map."""
    return bool(((xy >= LOWEST_M) & (xy < LOWEST_M + CELL_M * np.array(CELLS_XY))).all())


def locate_cells(index: np.ndarray) -> np.ndarray:
    """Return the middles (..., 2), m, of cells (..., 2)."""
    middles: np.ndarray = LOWEST_M + (np.asarray(index) + 0.5) * CELL_M
    return middles


class FloorMap:
    """What sightings say about each cell of the floor.

    Attributes:
        log_odds: (nx, ny) that something stands in a cell.
        seen: (nx, ny) bool: whether anything is known of it.
        obstacle_votes: (nx, ny): above 0 where what stands there is an obstacle rather than a wall or a target.
    """

    def __init__(self) -> None:
        self.log_odds = np.zeros(CELLS_XY, np.float32)
        self.seen = np.zeros(CELLS_XY, bool)
        self.obstacle_votes = np.zeros(CELLS_XY, np.float32)

    def update(self, pose: np.ndarray, sighting: Sighting) -> None:
        """Add a sighting from a pose (3,)."""
        self._clear_own_place(pose[:2])
        eye = locate_eye(pose)
        window = _cells_around(eye.xy, SEEN_M)
        away, ray = _polar(window, eye)
        inside = (ray >= 0) & (ray < RAYS) & (away < SEEN_M) & (away > NEAREST_M)
        rows, columns = np.nonzero(inside)
        away, ray = away[rows, columns], ray[rows, columns].astype(int)
        ranges, spreads, kinds = sighting.ranges[ray], sighting.spreads[ray], sighting.ray_kinds[ray]
        moves = kinds == MOVER
        free = np.clip((ranges - MARGIN_M - away) / (2.0 * spreads + MARGIN_M), 0.0, 1.0)
        free[moves & (ranges - away < MOVER_MARGIN_M)] = 0.0
        depth = np.clip(spreads, SHALLOWEST_HIT_M, DEEPEST_HIT_M)
        hit = (np.abs(away - ranges - HIT_DEPTH_M) < depth) & ~moves & (ranges < SEEN_M)
        weight = np.where(hit, np.clip(SURE_SPREAD_M / (spreads + 0.02), 0.03, 1.0), 0.0)
        nearness = np.minimum(1.0, FULL_WEIGHT_M / away)
        odds = self.log_odds[window]
        added = HIT_WEIGHT * weight - FREE_WEIGHT * free * nearness
        odds[rows, columns] = np.clip(odds[rows, columns] + added, LOWEST_ODDS, HIGHEST_ODDS)
        self.seen[window][rows, columns] |= (free > 0.3) | hit
        votes = self.obstacle_votes[window]
        voted = votes[rows, columns] + np.where(kinds == OBSTACLE, weight, -weight)
        votes[rows, columns] = np.clip(voted, -MOST_VOTES, MOST_VOTES)

    def _clear_own_place(self, xy: np.ndarray) -> None:
        """Where the robot is, nothing else stands."""
        if not is_on_map(xy):
            return
        around = _cells_around(xy, ROBOT_RADIUS_M)
        middles = locate_cells(np.moveaxis(np.mgrid[around], 0, -1))
        covered = np.hypot(*np.moveaxis(middles - xy, -1, 0)) < ROBOT_RADIUS_M
        self.seen[around] |= covered
        self.log_odds[around][covered] = np.minimum(self.log_odds[around][covered], OWN_PLACE_ODDS)

    @property
    def occupied(self) -> np.ndarray:
        """(nx, ny) bool: where something stands."""
        found: np.ndarray = self.log_odds > OCCUPIED
        return found

    @property
    def free(self) -> np.ndarray:
        """(nx, ny) bool: where nothing stands."""
        found: np.ndarray = self.log_odds < FREE
        return found


def cast_points(pose: np.ndarray, ranges: np.ndarray) -> np.ndarray:
    """Return the points (rays, 2) that the rays of a sighting from a pose hit."""
    eye = locate_eye(pose)
    angles = eye.yaw + compute_bearings(RAYS)
    points: np.ndarray = eye.xy + ranges[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return points


def _cells_around(xy: np.ndarray, reach_m: float) -> Window:
    """Return the part of the map within reach of a place (2,); it is empty far outside of the map."""
    low, high = (
        np.clip((np.floor((xy + away - LOWEST_M) / CELL_M)).astype(int) + more, 0, CELLS_XY)
        for away, more in ((-reach_m, 0), (reach_m, 1))
    )
    return slice(low[0], high[0]), slice(low[1], high[1])


def _polar(window: Window, eye: Eye) -> tuple[np.ndarray, np.ndarray]:
    """Return each cell's distance from the eye, m, and the ray that it lies on, as a float from 0 at the left."""
    x, y = (
        LOWEST_M[axis] + (np.arange(part.start, part.stop) + 0.5) * CELL_M - eye.xy[axis]
        for axis, part in enumerate(window)
    )
    cos, sin = math.cos(eye.yaw), math.sin(eye.yaw)
    ahead = cos * x[:, None] + sin * y[None, :]
    left = cos * y[None, :] - sin * x[:, None]
    return np.hypot(ahead, left), (SIDE_RAD - np.arctan2(left, ahead)) * (RAYS / (2.0 * SIDE_RAD))
