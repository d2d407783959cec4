"""Creates a renderer by its name."""

from __future__ import annotations

import warnings

from envs.camera.shot import Renderer
from scenarios.common.errors import InputError, unknown_name

RENDERERS = ("auto", "gl", "gpu", "tiny")


def check_renderer(name: str) -> None:
    """Check a renderer's name without opening the renderer.

    Raises:
        InputError: The name is unknown.
    """
    if name not in RENDERERS:
        raise unknown_name("renderer", name, RENDERERS)


def make_renderer(name: str = "auto") -> Renderer:
    """Create a renderer. Call this in the process that will use it.

    Args:
        name: ``"gl"`` (OpenGL, on a GPU or in software), ``"gpu"`` (OpenGL, never in software), ``"tiny"`` or
            ``"auto"``. ``"auto"`` uses OpenGL where it is available and TinyRenderer elsewhere; the result's ``name``
            and ``reason`` say which one it is and why, and its ``device`` what it runs on.

    Raises:
        InputError: The name is unknown, or ``"gl"`` or ``"gpu"`` is not available here.
    """
    from envs.camera.tiny import TinyRenderer

    check_renderer(name)
    if name == "tiny":
        return TinyRenderer()
    from envs.camera.opengl.context import GlForkedError, GlUnavailableError
    from envs.camera.opengl.renderer import GlRenderer

    try:
        return GlRenderer(on_gpu=name == "gpu")
    except GlUnavailableError as failure:
        if name == "gl":
            raise InputError(f"renderer 'gl' is not available here ({failure}); 'tiny' always is") from None
        if name == "gpu":
            raise InputError(
                f"renderer 'gpu' is not available here ({failure}): install the EGL library of the GPU's driver, or "
                "let 'auto' take what there is"
            ) from None
        if isinstance(failure, GlForkedError):  # another start method would avoid it
            warnings.warn(f"pictures are drawn by TinyRenderer, which is much slower: {failure}", stacklevel=2)
        return TinyRenderer(reason=f"gl is not available here: {failure}")
