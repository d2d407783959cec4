"""Cameras for any PyBullet world: an OpenGL renderer, and PyBullet's TinyRenderer behind the same interface.

Names are imported when they are first used, so that ``View`` costs neither PyBullet nor OpenGL.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envs.camera.camera import Camera
    from envs.camera.renderers import RENDERERS, make_renderer
    from envs.camera.shot import Frame, Renderer, Shot
    from envs.camera.textures import apply_texture, load_texture
    from envs.camera.view import View

_HOMES = {
    "Camera": "camera",
    "RENDERERS": "renderers",
    "make_renderer": "renderers",
    "Frame": "shot",
    "Renderer": "shot",
    "Shot": "shot",
    "apply_texture": "textures",
    "load_texture": "textures",
    "View": "view",
}

__all__ = ["RENDERERS", "Camera", "Frame", "Renderer", "Shot", "View", "apply_texture", "load_texture", "make_renderer"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'envs.camera' has no attribute '{name}'")
    return getattr(importlib.import_module(f"envs.camera.{_HOMES[name]}"), name)
