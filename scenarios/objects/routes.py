"""Routes of moving items: sampled points along them, and rounded loops."""

from __future__ import annotations

import math

import numpy as np

from scenarios.geometry import Bounds, Point, Pose2D
from scenarios.ranges import Range
from scenarios.world import Route

TRACE_STEP_M = 0.05
CORNERS, SMOOTHINGS = 7, 2  # of a loop's outline; iterations of corner cutting


def resample_route(route: Route) -> np.ndarray:
    """Resample a whole lap of a route (k, 2) from its first corner, at equal distances of about 5 cm."""
    onward = route.points[:1] if route.closed else route.points[-2::-1]
    corners = np.array((*route.points, *onward))
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])  # metres, at each corner
    along = np.linspace(0.0, reached[-1], math.ceil(reached[-1] / TRACE_STEP_M), endpoint=False)
    return np.stack([np.interp(along, reached, corners[:, axis]) for axis in (0, 1)], axis=1)


def distance_to_points(points: np.ndarray, place: Pose2D | Point) -> float:
    """Compute the distance, m, from a place to the nearest of some points (k, 2)."""
    x, y = (place.x, place.y) if isinstance(place, Pose2D) else place
    return float(np.hypot(points[:, 0] - x, points[:, 1] - y).min())


def sample_loop_route(rng: np.random.Generator, bounds_m: Bounds, bulge: Range, speed: Range) -> Route | None:
    """Sample a rounded loop in either direction; return None if there is no room for one.

    Args:
        bounds_m: The area that contains the loop; symmetric about y = 0.
        bulge: Distance of each corner from the middle, as a share of the largest possible distance.
        speed: Speed along the route, m/s.
    """
    reach_y = bounds_m.y_max
    middle, reach_x = bounds_m.middle[0], bounds_m.length / 2
    if reach_x <= 0.0 or reach_y <= 0.0:
        return None
    turns = (np.arange(CORNERS) + rng.uniform(-0.3, 0.3, CORNERS) + rng.uniform()) * math.tau / CORNERS
    outline = np.stack([reach_x * np.cos(turns), reach_y * np.sin(turns)], axis=1)  # (k, 2) about the middle
    outline *= np.array([bulge.draw(rng) for _ in turns])[:, None]
    for _ in range(SMOOTHINGS):  # replaces each corner by two, a quarter along the edges beside it (Chaikin, 1974)
        onward = np.roll(outline, -1, axis=0)
        outline = np.stack([0.75 * outline + 0.25 * onward, 0.25 * outline + 0.75 * onward], axis=1).reshape(-1, 2)
    if rng.integers(2):
        outline = outline[::-1]
    return Route(tuple((middle + x, y) for x, y in outline.tolist()), speed.draw(rng), closed=True)
