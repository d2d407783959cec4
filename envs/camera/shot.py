"""What a renderer is asked for, what it gives, and the interface that every renderer keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from envs.camera.view import View
from scenarios.robot import IMAGE_SIZE
from scenarios.world import Light

LINK_SHIFT = 24  # as with PyBullet's ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX
BACKGROUND_ID = -1  # segmentation where no body is seen


@dataclass(frozen=True)
class Shot:
    """One picture to take.

    Attributes:
        client: The PyBullet client id whose bodies are drawn.
        view: The camera.
        width: Pixels.
        height: Pixels.
        light: The one light; its direction need not be of unit length.
        background: RGB in [0, 1] where nothing is seen.
        pretty: For people rather than policies: antialiased, filtered textures, soft shadows (``gl`` only).
    """

    client: int
    view: View
    width: int = IMAGE_SIZE[1]
    height: int = IMAGE_SIZE[0]
    light: Light = Light()
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)
    pretty: bool = False


@dataclass(frozen=True, eq=False)
class CameraImage:
    """One picture taken; row 0 is the top.

    Attributes:
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, metres along the optical axis, the view's ``far_m`` where nothing is seen; or None.
        segmentation: (H, W) int32, ``body + ((link + 1) << 24)``, link -1 for a base; -1 for nothing; or None.
    """

    rgb: np.ndarray
    depth_m: np.ndarray | None = None
    segmentation: np.ndarray | None = None


class Renderer(Protocol):
    """Draws PyBullet worlds. Equal shots of equal worlds give equal bytes, however many are drawn together.

    Attributes:
        name: ``"gl"`` or ``"tiny"``: the one that is at work, whatever was asked for.
        device: What it runs on: the GL_RENDERER string, or ``"TinyRenderer"``.
        reason: Why it isn't the first choice; empty if it is.
    """

    name: str
    device: str
    reason: str

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        """Take the pictures, in the order of the shots, which may be of different worlds and sizes."""
        ...

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        """Take pictures of one size straight into ``out``, (n, H, W, 3) uint8, made if None. The quickest way."""
        ...

    def refresh(self, client: int) -> None:
        """Read the client's shapes again: after bodies or their looks changed, and after ``resetSimulation``.

        Poses need no refresh, they are read for every picture.
        """
        ...

    def forget(self, client: int) -> None:
        """Let go of everything kept for a client, e.g. before it disconnects."""
        ...

    def close(self) -> None:
        """Release the device. The renderer can't be used afterwards."""
        ...


def common_size(shots: Sequence[Shot]) -> tuple[int, int]:
    """(width, height) shared by all shots; a ValueError if they differ or there are none."""
    sizes = {(shot.width, shot.height) for shot in shots}
    if len(sizes) != 1:
        raise ValueError(f"render_rgb needs at least one shot, all of one size, not {sorted(sizes)}")
    return sizes.pop()
