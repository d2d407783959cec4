"""Routes of moving items: sampled points along them, and rounded loops."""

from __future__ import annotations

import math

import numpy as np

from scenarios.geometry import Bounds, Point, Pose2D
from scenarios.ranges import Range
from scenarios.world import Route

TRACE_STEP_M = 0.05
STRETCH_SAMPLING = 2  # every second point of a trace tells how far apart the ends of a stretch are
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


def find_seen_stretch(route: Route, radius_m: float) -> float:
    """Return a length, m, that no stretch of a closed route has which fits into a circle of this radius.

    So nobody who stands still is within that radius of an item all along such a stretch. The shortest length found by
    the distance of two places on the stretch, which is at most a circle's diameter; infinite if there is none.
    """
    points = resample_route(route)[::STRETCH_SAMPLING]  # (k, 2), a lap
    away = np.hypot(*np.moveaxis(points[:, None] - points[None], -1, 0))  # (k, k)
    count, step_m = len(points), route.lap_m / len(points)
    apart = np.zeros(count)  # from each place: the largest distance of two places on the stretch up to now
    for steps in range(1, count):
        ends = (np.arange(count) + steps) % count
        within = (np.arange(count)[:, None] + np.arange(steps)) % count
        apart = np.maximum(apart, away[within, ends[:, None]].max(axis=1))
        if (apart > 2.0 * radius_m).all():
            return steps * step_m
    return math.inf


def sample_loop_route(
    rng: np.random.Generator, bounds_m: Bounds, bulge: Range, speed: Range, pace: Range | None = None
) -> Route | None:
    """Sample a rounded loop in either direction; return None if there is no room for one.

    Args:
        bounds_m: The area that contains the loop; symmetric about y = 0.
        bulge: Distance of each corner from the middle, as a share of the largest possible distance.
        speed: Speed along the route, m/s.
        pace: Factor on the speed, which differs from corner to corner; None: it is constant.
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
    points = tuple((middle + x, y) for x, y in outline.tolist())
    legs = len(points) // CORNERS
    factors = () if pace is None else tuple(factor for _ in range(CORNERS) for factor in [pace.draw(rng)] * legs)
    return Route(points, speed.draw(rng), closed=True, pace=factors)
