"""Cameras for any PyBullet world: an OpenGL renderer, and PyBullet's TinyRenderer behind the same interface.

Names are imported at first use, so that ``View`` can be used without importing PyBullet or OpenGL.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envs.camera.camera import Camera
    from envs.camera.renderers import RENDERERS, make_renderer
    from envs.camera.shot import CameraImage, Renderer, Shot
    from envs.camera.textures import apply_texture, load_recorded_textures, load_texture
    from envs.camera.view import View

_MODULE_OF = {
    "Camera": "camera",
    "RENDERERS": "renderers",
    "make_renderer": "renderers",
    "CameraImage": "shot",
    "Renderer": "shot",
    "Shot": "shot",
    "apply_texture": "textures",
    "load_recorded_textures": "textures",
    "load_texture": "textures",
    "View": "view",
}

__all__ = [
    "RENDERERS",
    "Camera",
    "CameraImage",
    "Renderer",
    "Shot",
    "View",
    "apply_texture",
    "load_recorded_textures",
    "load_texture",
    "make_renderer",
]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'envs.camera' has no attribute '{name}'")
    return getattr(importlib.import_module(f"envs.camera.{_MODULE_OF[name]}"), name)
