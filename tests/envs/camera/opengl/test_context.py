from __future__ import annotations

import os
from types import SimpleNamespace

import moderngl
import pytest

from envs.camera.opengl import context as context_module
from envs.camera.opengl.context import GlForkedError, GlUnavailableError, open_context, refuse_fork_of


def test_a_context_has_what_the_shaders_need(context: moderngl.Context) -> None:
    assert context.version_code >= 430
    assert "GL_ARB_shader_viewport_layer_array" in context.extensions


def test_a_driver_without_layers_is_refused_and_released(monkeypatch: pytest.MonkeyPatch) -> None:
    released: list[bool] = []
    poor = SimpleNamespace(extensions=set(), release=lambda: released.append(True))
    monkeypatch.setattr(context_module.moderngl, "create_standalone_context", lambda **_: poor)
    with pytest.raises(GlUnavailableError, match="lacks the extension ARB_shader_viewport_layer_array"):
        open_context()
    assert released == [True]


def test_whatever_a_driver_raises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ValueError("a driver's own words")

    monkeypatch.setattr(context_module.moderngl, "create_standalone_context", fail)
    with pytest.raises(GlUnavailableError, match=r"no OpenGL 4\.3 through EGL: a driver's own words"):
        open_context()


def test_only_another_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_fork_of(None)
    refuse_fork_of(os.getpid())
    with pytest.raises(GlForkedError, match="start processes with 'spawn'"):
        refuse_fork_of(os.getppid())
    monkeypatch.setattr(context_module, "_opener", os.getppid())
    with pytest.raises(GlForkedError):
        open_context()
