"""What is nearest in each direction on a world's floor plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scenarios.navigation.clearance_grid import BLOCKING_ROLES, measure_half_extents, measure_radius
from scenarios.world import Box, Item, World, hull_shape

NOTHING = -1
"""The number of the item that a ray hits which hits none."""


def place_blocking_items(world: World, progress: Sequence[float]) -> list[Item]:
    """Return all items that block a robot, the goal included.

    Args:
        world: The world.
        progress: Distance along the route of each of its movers, metres.
    """
    moved = {mover.name: mover.route.pose_at(along) for mover, along in zip(world.movers, progress, strict=True)}
    blocking = (item for item in world.items if item.role in BLOCKING_ROLES)
    return [replace(item, pose=moved[item.name]) if item.name in moved else item for item in blocking]


def cast_rays(
    items: Sequence[Item], eye: np.ndarray, angles: np.ndarray, farthest_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest of some items' outlines in each direction; the distances are exact.

    Args:
        items: The items.
        eye: (2,) where the rays begin, m. Inside an outline, its distance is 0.
        angles: (k,) directions, rad.
        farthest_m: How far the rays reach.

    Returns:
        (k,) distances, m, and (k,) numbers of the items, ``NOTHING`` where there is none.
    """
    ranges, numbers = np.full(len(angles), farthest_m), np.full(len(angles), NOTHING)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    boxes: list[int] = []
    rounds: list[int] = []
    for number, item in enumerate(items):
        (boxes if isinstance(hull_shape(item.shape), Box) else rounds).append(number)
    for chosen, measure in ((boxes, _measure_boxes), (rounds, _measure_rounds)):
        if not chosen:
            continue
        away = measure([items[number] for number in chosen], eye, directions)  # (k, chosen)
        nearest = away.argmin(axis=1)
        least = away[np.arange(len(angles)), nearest]
        nearer = least < ranges
        ranges[nearer], numbers[nearer] = least[nearer], np.array(chosen)[nearest[nearer]]
    return ranges, numbers


def _measure_boxes(items: Sequence[Item], eye: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Compute how far (k, m) each box is in each direction, infinite where it isn't hit."""
    placed = np.array([(item.pose.x, item.pose.y, item.pose.yaw, *measure_half_extents(item)) for item in items])
    cos, sin = np.cos(placed[:, 2]), np.sin(placed[:, 2])
    x, y = eye[0] - placed[:, 0], eye[1] - placed[:, 1]
    begin = np.stack([cos * x + sin * y, cos * y - sin * x], axis=-1)  # (m, 2), in the frame of each box
    along, across = directions[:, :1], directions[:, 1:]
    step = np.stack([cos * along + sin * across, cos * across - sin * along], axis=-1)  # (k, m, 2)
    step = np.where(np.abs(step) < 1e-12, 1e-12, step)
    one, other = (-placed[:, 3:] - begin) / step, (placed[:, 3:] - begin) / step
    enters, leaves = np.minimum(one, other).max(axis=-1), np.maximum(one, other).min(axis=-1)
    return np.where((enters <= leaves) & (leaves > 0.0), np.maximum(enters, 0.0), np.inf)


def _measure_rounds(items: Sequence[Item], eye: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Compute how far (k, m) each round item is in each direction, infinite where it isn't hit."""
    placed = np.array([(item.pose.x, item.pose.y, measure_radius(item)) for item in items])
    offset = eye - placed[:, :2]
    middle = -directions @ offset.T  # (k, m) how far along the ray the item's middle is nearest
    inside = middle**2 - (offset**2).sum(axis=1) + placed[:, 2] ** 2
    half = np.sqrt(np.maximum(inside, 0.0))
    return np.where((inside >= 0.0) & (middle + half > 0.0), np.maximum(middle - half, 0.0), np.inf)
