"""Requests for pictures (``Shot``), the pictures (``CameraImage``), and the interface of all renderers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from envs.camera.view import View
from scenarios.robot import IMAGE_SIZE
from scenarios.world import Light

LINK_SHIFT = 24  # as in PyBullet's ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX
BACKGROUND_ID = -1  # segmentation where there is no body


@dataclass(frozen=True)
class Shot:
    """A request for one picture."""

    client: int
    """Id of the PyBullet client whose bodies are drawn."""
    view: View
    """The camera."""
    width: int = IMAGE_SIZE[1]
    """Image width, pixels."""
    height: int = IMAGE_SIZE[0]
    """Image height, pixels."""
    light: Light = Light()
    """The only light; its direction need not be a unit vector."""
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """RGB in [0, 1] where there is no body."""
    high_quality: bool = False
    """Antialiasing, filtered textures and soft shadows, for people rather than policies (``gl`` only)."""


@dataclass(frozen=True, eq=False)
class CameraImage:
    """A rendered picture; row 0 is the top."""

    rgb: np.ndarray
    """(H, W, 3) uint8."""
    depth_m: np.ndarray | None = None
    """(H, W) float32, metres along the optical axis, ``far_m`` where there is no body; None: not requested."""
    segmentation: np.ndarray | None = None
    """(H, W) int32, ``body + ((link + 1) << 24)`` with link -1 for a base, -1 where no body is; None: not requested."""


class Renderer(Protocol):
    """Renders PyBullet worlds.

    Equal shots of equal worlds give equal bytes, however many shots are rendered together.
    """

    name: str
    """The renderer in use, whatever was requested: ``"gl"`` or ``"tiny"``."""
    device: str
    """What it runs on: OpenGL's GL_RENDERER string, or ``"TinyRenderer"``."""
    reason: str
    """Why the preferred renderer is not in use; empty if it is."""

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        """Take one picture per shot, in the same order. Worlds and sizes may differ."""
        ...

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        """Take pictures of one size directly into ``out``, (n, H, W, 3) uint8, or into a new array. The fastest way."""
        ...

    def refresh(self, client: int) -> None:
        """Read a client's shapes again. Needed after bodies or their looks changed, and after ``resetSimulation``.

        Poses are read for every picture and need no refresh.
        """
        ...

    def forget(self, client: int) -> None:
        """Release everything that is kept for a client, for example before it disconnects."""
        ...

    def close(self) -> None:
        """Release the device. The renderer can't be used after this."""
        ...


def common_size(shots: Sequence[Shot]) -> tuple[int, int]:
    """Return the (width, height) that all shots share.

    Raises:
        ValueError: The sizes differ, or there are no shots.
    """
    sizes = {(shot.width, shot.height) for shot in shots}
    if len(sizes) != 1:
        raise ValueError(f"render_rgb needs one or more shots of one size, not {len(shots)} of sizes {sorted(sizes)}")
    return sizes.pop()


def split_segmentation(value: int) -> tuple[int, int]:
    """Return the body and the link, -1 for the base, of a value in a segmentation mask."""
    return value & ((1 << LINK_SHIFT) - 1), (value >> LINK_SHIFT) - 1
