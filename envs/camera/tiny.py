"""PyBullet's own software renderer, TinyRenderer, behind the same interface as the OpenGL renderer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pybullet

from envs.camera.shot import BACKGROUND_ID, CameraImage, Shot, common_size
from envs.camera.textures import load_recorded_textures
from scenarios.common.errors import InputError
from scenarios.common.requirements import PYBULLET_WITHOUT_NUMPY
from scenarios.world import Light

_DEFAULT_LIGHT: dict[str, object] = {
    "lightDirection": (-50.0, 30.0, 100.0),
    "lightColor": (1.0, 1.0, 1.0),
    "lightDistance": 2.0,
    "lightAmbientCoeff": 0.6,
    "lightDiffuseCoeff": 0.35,
    "lightSpecularCoeff": 0.05,
    "shadow": 0,
}


def background_bytes(background: tuple[float, float, float]) -> np.ndarray:
    """Return a colour in [0, 1] as (3,) uint8, rounded as OpenGL rounds it."""
    return np.floor(np.clip(background, 0.0, 1.0) * np.float64(255.0) + 0.5).astype(np.uint8)


def light_arguments(light: Light) -> dict[str, object]:
    """Return the arguments of ``pybullet.getCameraImage`` for a light.

    PyBullet keeps each of them, for all clients, until a call that names it; so every call names all of them.
    """
    return {
        "lightDirection": light.direction,
        "lightColor": light.colour,
        "lightDistance": 1.0,
        "lightAmbientCoeff": light.ambient,
        "lightDiffuseCoeff": light.diffuse,
        "lightSpecularCoeff": 0.0,
    }


def restore_light(client: int) -> None:
    """Give a client PyBullet's own light again, for calls of ``getCameraImage`` that name none."""
    pybullet.getCameraImage(1, 1, renderer=pybullet.ER_TINY_RENDERER, physicsClientId=client, **_DEFAULT_LIGHT)


class TinyRenderer:
    """Renders one picture at a time on the CPU; needs no OpenGL."""

    name = "tiny"
    device = "TinyRenderer"

    def __init__(self, reason: str = "") -> None:
        if not pybullet.isNumpyEnabled():
            raise InputError(PYBULLET_WITHOUT_NUMPY)
        self.reason = reason
        self._textured: set[int] = set()  # clients whose recorded textures are loaded

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        return [self._render_one(shot, depth, segmentation) for shot in shots]

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        width, height = common_size(shots)
        if out is None:
            out = np.empty((len(shots), height, width, 3), np.uint8)
        for row, shot in zip(out, shots, strict=True):
            row[:] = self._render_one(shot, False, False).rgb
        return out

    def refresh(self, client: int) -> None:
        self._textured.discard(client)

    def forget(self, client: int) -> None:
        self._textured.discard(client)

    def close(self) -> None:
        """Do nothing: there is no device to release."""

    def _render_one(self, shot: Shot, depth: bool, segmentation: bool) -> CameraImage:
        if shot.client not in self._textured:
            load_recorded_textures(shot.client)
            self._textured.add(shot.client)
        view, light = shot.view, shot.light
        _, _, rgba, z_buffer, ids = pybullet.getCameraImage(
            shot.width,
            shot.height,
            viewMatrix=view.view_matrix().T.ravel().tolist(),
            projectionMatrix=view.projection_matrix(shot.width / shot.height).T.ravel().tolist(),
            **light_arguments(light),
            shadow=0,
            renderer=pybullet.ER_TINY_RENDERER,
            flags=pybullet.ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX,
            physicsClientId=shot.client,
        )
        rgb = np.ascontiguousarray(rgba[:, :, :3])
        ids = np.array(ids, np.int32)
        rgb[ids == BACKGROUND_ID] = background_bytes(shot.background)  # TinyRenderer clears to white
        depth_m = None
        if depth:
            near, far = view.near_m, view.far_m
            depth_m = (far * near / (far - (far - near) * z_buffer.astype(np.float64))).astype(np.float32)
            depth_m[ids == BACKGROUND_ID] = far
        return CameraImage(rgb, depth_m, ids if segmentation else None)
