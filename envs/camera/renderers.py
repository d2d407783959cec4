"""The renderers by name."""

from __future__ import annotations

import warnings

from envs.camera.shot import Renderer
from scenarios.common.errors import InputError, unknown_name

RENDERERS = ("auto", "gl", "tiny")


def check_renderer(name: str) -> None:
    """Raise what ``make_renderer`` would for an unknown name, where the renderer itself isn't needed yet."""
    if name not in RENDERERS:
        raise unknown_name("renderer", name, RENDERERS)


def make_renderer(name: str = "auto") -> Renderer:
    """Open a renderer, in the process that will use it.

    Args:
        name: ``"gl"``, ``"tiny"``, or ``"auto"``: gl where it is to be had, else tiny, which then says so by its
            ``name`` and ``reason``.

    Raises:
        InputError: The name is unknown, or ``"gl"`` was asked for and is not to be had.
    """
    from envs.camera.tiny import TinyRenderer

    check_renderer(name)
    if name == "tiny":
        return TinyRenderer()
    from envs.camera.opengl.renderer import GlForkedError, GlRenderer, GlUnavailableError

    try:
        return GlRenderer()
    except GlUnavailableError as failure:
        if name == "gl":
            raise InputError(f"renderer 'gl' is not to be had here ({failure}); 'tiny' always is") from None
        if isinstance(failure, GlForkedError):  # the machine could do better
            warnings.warn(f"pictures are drawn by TinyRenderer, far more slowly: {failure}", stacklevel=2)
        return TinyRenderer(reason=f"gl is not to be had here: {failure}")
