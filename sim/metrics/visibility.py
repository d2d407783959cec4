"""Visibility of the goal from the robot's camera: geometry on the true map, without pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scenarios.navigation.clearance_grid import blocking_items
from scenarios.robot import CAMERA_FOV_DEG, CAMERA_POSITION_M
from scenarios.world import Box, Compound, CompoundPart, Item, Primitive, World, footprint_radius

SIDE_POINT_SHARE = 0.7  # distance of the side points from the goal's middle, as a share of its radius
TOP_POINT_SHARE = 0.9  # height of the top point, as a share of the goal's height


class _Occluder(NamedTuple):
    """A primitive that hides what is behind it, at each of n moments."""

    shape: Primitive
    centre: np.ndarray  # (n, 3) m
    yaw: np.ndarray  # (n,) rad


def mover_trajectories(world: World, progress: np.ndarray) -> dict[str, np.ndarray]:
    """Return the poses of each of a world's movers, by name: (n, 3) x m, y m, yaw rad.

    Args:
        world: The world of the movers.
        progress: (n, m) metres along the route of each.
    """
    return {
        mover.name: np.array([(at.x, at.y, at.yaw) for at in map(mover.route.pose_at, along.tolist())]).reshape(-1, 3)
        for mover, along in zip(world.movers, progress.T, strict=True)
    }


def goal_positions(world: World, progress: np.ndarray) -> np.ndarray:
    """Return the positions (n, 2) of the goal's centre, in m; ``progress`` as in ``mover_trajectories``."""
    return np.array([world.goal_at(along).xy for along in progress.tolist()]).reshape(-1, 2)


def is_goal_visible(world: World, poses: np.ndarray, progress: np.ndarray) -> np.ndarray:
    """Return a mask (n,) that is True where part of the goal is in the camera's view and not occluded.

    Four points of the goal are tested: its middle, its top, and its left and right side. A point is visible if its
    bearing is within the horizontal field of view and no wall, obstacle, other target or mover blocks the straight line
    to it; heights and the parts of compounds count, and round objects are upright cylinders. Distance, light and image
    faults are ignored, and so is the vertical field of view, which on this robot excludes nothing that stands on the
    floor 0.3 m ahead or farther.

    Args:
        world: The world, with the mount of the camera.
        poses: (n, 3) x m, y m, yaw rad of the robot.
        progress: (n, m) metres along the route of each of the world's movers.
    """
    mount = world.conditions.mount
    cos, sin = np.cos(poses[:, 2]), np.sin(poses[:, 2])
    ahead, left = CAMERA_POSITION_M[0] + mount.offset_m[0], mount.offset_m[1]
    height = np.full(len(poses), CAMERA_POSITION_M[2] + mount.offset_m[2])
    eye = np.stack([poses[:, 0] + cos * ahead - sin * left, poses[:, 1] + sin * ahead + cos * left, height], axis=-1)
    points = _goal_keypoints(world, eye, goal_positions(world, progress))
    bearing = np.arctan2(points[..., 1] - eye[:, None, 1], points[..., 0] - eye[:, None, 0])  # (n, 4)
    off_axis = np.abs(np.angle(np.exp(1j * (bearing - (poses[:, 2] + mount.yaw)[:, None]))))
    seen = off_axis <= math.radians(CAMERA_FOV_DEG * mount.fov_factor) / 2
    for solid in _occluders(world, progress):
        seen &= ~_occludes(solid, eye, points)
    return np.asarray(seen.any(axis=1))


def _goal_keypoints(world: World, eye: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(n, 4, 3) the goal's middle, top, left and right, as seen from the eye."""
    item = world.item(world.task.goal.name)
    line = goal - eye[:, :2]
    line /= np.maximum(np.linalg.norm(line, axis=1, keepdims=True), 1e-9)
    aside = SIDE_POINT_SHARE * footprint_radius(item) * np.stack([-line[:, 1], line[:, 0]], axis=1)
    middle = np.full(len(goal), item.z_m)
    top = middle + (TOP_POINT_SHARE - 0.5) * item.shape.height_m
    flat = np.stack([goal, goal, goal + aside, goal - aside], axis=1)  # (n, 4, 2)
    return np.concatenate([flat, np.stack([middle, top, middle, middle], axis=1)[..., None]], axis=-1)


def _occluders(world: World, progress: np.ndarray) -> Iterator[_Occluder]:
    moments = len(progress)
    for item in blocking_items(world):
        yield from _item_occluders(item, np.tile((item.pose.x, item.pose.y, item.pose.yaw), (moments, 1)))
    for name, poses in mover_trajectories(world, progress).items():
        if name != world.task.goal.name:
            yield from _item_occluders(world.item(name), poses)


def _item_occluders(item: Item, poses: np.ndarray) -> Iterator[_Occluder]:
    """The primitives of an item whose centre is at ``poses`` (n, 3)."""
    shape = item.shape
    cos, sin = np.cos(poses[:, 2]), np.sin(poses[:, 2])
    for part in shape.parts if isinstance(shape, Compound) else (CompoundPart(shape, (0.0, 0.0, 0.0)),):
        dx, dy, dz = part.offset_m
        x, y = poses[:, 0] + cos * dx - sin * dy, poses[:, 1] + sin * dx + cos * dy
        yield _Occluder(part.shape, np.stack([x, y, np.full_like(x, item.z_m + dz)], axis=-1), poses[:, 2])


def _occludes(solid: _Occluder, eye: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return a mask (n, 4), True where the line from the eye (n, 3) to a point (n, 4, 3) passes through the solid."""
    cos, sin = np.cos(solid.yaw)[:, None, None], np.sin(solid.yaw)[:, None, None]

    def inside_frame(vectors: np.ndarray) -> np.ndarray:
        x, y, z = vectors[..., :1], vectors[..., 1:2], vectors[..., 2:]
        return np.concatenate([cos * x + sin * y, cos * y - sin * x, z], axis=-1)

    begin = inside_frame((eye - solid.centre)[:, None, :])  # (n, 1, 3)
    way = inside_frame(points - eye[:, None, :])  # (n, 4, 3)
    way = np.where(np.abs(way) < 1e-9, 1e-9, way)
    half_height = solid.shape.height_m / 2
    if isinstance(solid.shape, Box):
        enters, leaves = _slab_intersection(begin, way, np.array(solid.shape.size_m) / 2)
    else:
        low, high = _slab_intersection(begin[..., 2:], way[..., 2:], np.array([half_height]))
        near, far = _disc_intersection(begin[..., :2], way[..., :2], solid.shape.radius_m)
        enters, leaves = np.maximum(low, near), np.minimum(high, far)
    return np.asarray((enters < leaves) & (leaves > 0.0) & (enters < 1.0))


def _slab_intersection(begin: np.ndarray, way: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the way at which a line comes between all pairs of planes at ± half, and leaves one again."""
    one, other = (-half - begin) / way, (half - begin) / way
    return np.minimum(one, other).max(axis=-1), np.maximum(one, other).min(axis=-1)


def _disc_intersection(begin: np.ndarray, way: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the way at which a line on the floor enters and leaves a disc about the origin; NaN if it misses."""
    a = (way * way).sum(axis=-1)
    b = (begin * way).sum(axis=-1)
    inside = b * b - a * ((begin * begin).sum(axis=-1) - radius * radius)
    root = np.sqrt(np.where(inside >= 0.0, inside, np.nan))
    return (-b - root) / a, (-b + root) / a
