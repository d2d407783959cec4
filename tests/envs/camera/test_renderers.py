from __future__ import annotations

import pytest

from envs.camera import make_renderer
from envs.camera.opengl import renderer as gl_module
from scenarios.common.errors import InputError


@pytest.fixture
def without_gl(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError("libEGL.so not loaded")

    monkeypatch.setattr(gl_module.moderngl, "create_standalone_context", fail)


@pytest.mark.usefixtures("without_gl")
def test_auto_falls_back_to_tiny_and_says_why() -> None:
    renderer = make_renderer("auto")
    assert (renderer.name, renderer.device) == ("tiny", "TinyRenderer")
    assert "libEGL.so not loaded" in renderer.reason


@pytest.mark.usefixtures("without_gl")
def test_gl_asked_for_and_not_to_be_had_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"renderer 'gl' .*libEGL"):
        make_renderer("gl")


def test_a_misspelt_renderer_gets_its_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'tiny'"):
        make_renderer("tinny")


def test_gl_names_its_device(gl: gl_module.GlRenderer) -> None:
    assert gl.name == "gl"
    assert gl.reason == ""
    assert gl.device
