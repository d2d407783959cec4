"""Which parts of a scene a picture needs: boxes around the parts, and what lies in view or is cut open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from envs.camera.scene import VisualPart


class PartBoxes(NamedTuple):
    """The smallest box around each part that is aligned with its shape, in the frame that the part moves with."""

    pose_rows: np.ndarray  # (n,) rows of the poses
    middles: np.ndarray  # (n, 3)
    axes: np.ndarray  # (n, 3, 3) half edges, one per row


class PlacedBoxes(NamedTuple):
    """Boxes in the world."""

    middles: np.ndarray  # (n, 3)
    axes: np.ndarray  # (n, 3, 3) half edges, one per row

    @property
    def lowest_m(self) -> np.ndarray:
        """(n,) height of each box's lowest corner."""
        return self.middles[:, 2] - np.abs(self.axes[:, :, 2]).sum(axis=1)

    def reach(self, directions: np.ndarray) -> np.ndarray:
        """Return how far each box extends from its middle along directions (3, k): (n, k)."""
        return np.abs(self.axes @ directions).sum(axis=1)


def part_boxes(parts: Sequence[VisualPart]) -> PartBoxes:
    """Measure the boxes around the fine meshes of parts."""
    low = np.array([part.fine_mesh.positions.min(axis=0) * part.scale for part in parts]).reshape(-1, 3)
    high = np.array([part.fine_mesh.positions.max(axis=0) * part.scale for part in parts]).reshape(-1, 3)
    turns = np.array([part.orientation for part in parts]).reshape(-1, 4)
    places = np.array([part.position for part in parts]).reshape(-1, 3)
    rotations = _rotations(turns)
    middles = places[:, None] + ((low + high) / 2)[:, None] @ rotations
    axes = (high - low)[:, :, None] / 2 * rotations
    return PartBoxes(np.array([part.pose_row for part in parts], int), middles[:, 0], axes)


def place_boxes(boxes: PartBoxes, poses: np.ndarray) -> PlacedBoxes:
    """Place boxes in the world; ``poses`` are those of the scene, (frames, 8)."""
    rotations = _rotations(poses[:, 4:])[boxes.pose_rows]
    middles = poses[boxes.pose_rows, :3] + (boxes.middles[:, None] @ rotations)[:, 0]
    return PlacedBoxes(middles, boxes.axes @ rotations)


def in_view(boxes: PlacedBoxes, clip: np.ndarray) -> np.ndarray:
    """Return (n,) bool: the boxes that no side of a view hides; ``clip`` is its matrix from world to clip space."""
    planes = np.concatenate([clip[3] - clip[:3], clip[3] + clip[:3]]).T  # (4, 6), positive inside
    return (boxes.middles @ planes[:3] + planes[3] + boxes.reach(planes[:3]) >= 0.0).all(axis=1)


def cut_by_near_plane(boxes: PlacedBoxes, clip: np.ndarray) -> np.ndarray:
    """Return (n,) bool: the boxes that the near side of a view may cut open."""
    corners = np.array([(x, y, -1.0, 1.0) for x in (-1.0, 1.0) for y in (-1.0, 1.0)]) @ np.linalg.inv(clip).T
    corners = corners[:, :3] / corners[:, 3:]
    middle = corners.mean(axis=0)
    radius_m = np.linalg.norm(corners[0] - middle)
    near = clip[3] + clip[2]
    beyond = np.abs(boxes.middles @ near[:3] + near[3]) > boxes.reach(near[:3, None])[:, 0]
    halves = np.linalg.norm(boxes.axes, axis=2)  # (n, 3)
    along = np.abs(np.einsum("nij,nj->ni", boxes.axes, middle - boxes.middles)) / np.maximum(halves, 1e-9)
    return ~beyond & (np.linalg.norm(np.maximum(along - halves, 0.0), axis=1) <= radius_m)


def _rotations(turns: np.ndarray) -> np.ndarray:
    """Return the matrices (n, 3, 3) that turn row vectors by quaternions (n, 4), xyzw."""
    x, y, z, w = turns.T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)),
        (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)),
        (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.array(rows).transpose(2, 0, 1)
