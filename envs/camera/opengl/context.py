"""Opens OpenGL, and refuses it in a fork of a process that had opened it."""

from __future__ import annotations

import os

import moderngl

_opener: int | None = None  # the process that first opened OpenGL: this one, or one that it was forked from


class GlUnavailableError(RuntimeError):
    """OpenGL is not available or does not work on this machine."""


class GlForkedError(GlUnavailableError):
    """This process was forked from one that had opened OpenGL."""


def refuse_fork_of(process: int | None) -> None:
    """Check that this is the process with this id, if any.

    A forked process lacks the threads of the OpenGL driver, and waiting for them never ends.

    Raises:
        GlForkedError: It is another process.
    """
    if process not in (None, os.getpid()):
        raise GlForkedError(
            "OpenGL does not survive a fork, and this process was forked from one that had opened it: start processes "
            "with 'spawn' or 'forkserver' (AsyncVectorEnv takes context='spawn')"
        )


def open_context() -> moderngl.Context:
    """Open an OpenGL 4.3 context through EGL.

    Raises:
        GlForkedError: This process was forked from one that had opened OpenGL.
        GlUnavailableError: EGL, OpenGL 4.3 or a required extension is missing.
    """
    global _opener
    refuse_fork_of(_opener)
    _opener = os.getpid()
    try:
        context = moderngl.create_standalone_context(require=430, backend="egl")  # type: ignore[arg-type]
    except Exception as failure:  # drivers raise errors of any type; the message is kept
        raise GlUnavailableError(f"no OpenGL 4.3 through EGL: {failure}") from failure
    if "GL_ARB_shader_viewport_layer_array" not in context.extensions:
        context.release()
        raise GlUnavailableError("this OpenGL lacks the extension ARB_shader_viewport_layer_array")
    return context
