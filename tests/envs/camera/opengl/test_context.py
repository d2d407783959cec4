from __future__ import annotations

import os
from types import SimpleNamespace

import moderngl
import pytest

from envs.camera.opengl import context as context_module
from envs.camera.opengl.context import (
    EglDevice,
    GlForkedError,
    GlUnavailableError,
    describe_egl_device,
    give_back_context,
    is_software,
    list_egl_devices,
    open_context,
    refuse_fork_of,
)

SOFTWARE, FIRST, SECOND = (
    EglDevice(0, "software renderer", True),
    EglDevice(1, "GPU a", False),
    EglDevice(2, "GPU b", False),
)


class Driver:
    """A driver that draws by the renderer of each device; None fails."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, renderers: dict[int, str | None], devices: list[EglDevice]
    ) -> None:
        self.renderers = renderers
        self.opened: list[int] = []
        self.released: list[int] = []
        monkeypatch.setattr(context_module, "list_egl_devices", lambda: devices)
        monkeypatch.setattr(context_module.moderngl, "create_standalone_context", self.create)

    def create(self, device_index: int = 0, **_: object) -> SimpleNamespace:
        self.opened.append(device_index)
        if (renderer := self.renderers[device_index]) is None:
            raise OSError("out of order")
        return SimpleNamespace(
            extensions={"GL_ARB_shader_viewport_layer_array"},
            info={"GL_RENDERER": renderer},
            release=lambda: self.released.append(device_index),
        )


def test_a_context_has_what_the_shaders_need(context: moderngl.Context) -> None:
    assert context.version_code >= 430
    assert "GL_ARB_shader_viewport_layer_array" in context.extensions


def test_a_driver_without_layers_is_refused_and_released(monkeypatch: pytest.MonkeyPatch) -> None:
    released: list[bool] = []
    poor = SimpleNamespace(extensions=set(), release=lambda: released.append(True))
    monkeypatch.setattr(context_module.moderngl, "create_standalone_context", lambda **_: poor)
    monkeypatch.setattr(context_module, "list_egl_devices", list)
    with pytest.raises(GlUnavailableError, match="lacks the extension ARB_shader_viewport_layer_array"):
        open_context()
    assert released == [True]


def test_whatever_a_driver_raises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ValueError("a driver's own words")

    monkeypatch.setattr(context_module.moderngl, "create_standalone_context", fail)
    with pytest.raises(GlUnavailableError, match=r"no OpenGL 4\.3 through EGL: a driver's own words"):
        open_context()


def test_a_context_that_was_given_back_is_taken_again_for_the_same_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, {0: "llvmpipe (LLVM)", 1: "NVIDIA H100"}, [SOFTWARE, FIRST])
    one, two = open_context(), open_context()
    assert one is not two
    give_back_context(one)
    assert open_context(on_gpu=True) is not one
    assert open_context() is one
    assert driver.opened == [0, 0, 1]


def test_only_another_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_fork_of(None)
    refuse_fork_of(os.getpid())
    with pytest.raises(GlForkedError, match="start processes with 'spawn'"):
        refuse_fork_of(os.getppid())
    monkeypatch.setattr(context_module, "_opener", os.getppid())
    with pytest.raises(GlForkedError):
        open_context()


def test_a_gpu_is_taken_wherever_egl_lists_it(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, {0: "llvmpipe (LLVM)", 1: None, 2: "NVIDIA H100"}, [SOFTWARE, FIRST, SECOND])
    assert open_context(on_gpu=True).info["GL_RENDERER"] == "NVIDIA H100"
    assert driver.opened == [1, 2]
    assert driver.released == []


def test_a_device_that_draws_in_software_after_all_is_released_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, {1: "llvmpipe (LLVM 15)"}, [SOFTWARE, FIRST])
    with pytest.raises(
        GlUnavailableError, match=r"0 is a software renderer; 1 \(GPU a\) draws by llvmpipe \(LLVM 15\)"
    ):
        open_context(on_gpu=True)
    assert driver.released == [1]


def test_a_gpu_that_fails_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    Driver(monkeypatch, {1: None}, [FIRST])
    with pytest.raises(GlUnavailableError, match=r"1 \(GPU a\) fails: .*out of order"):
        open_context(on_gpu=True)


def test_without_devices_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Driver(monkeypatch, {}, [])
    with pytest.raises(GlUnavailableError, match="EGL has no GPU to draw on; its devices: none"):
        open_context(on_gpu=True)


def test_unless_a_gpu_is_asked_for_egl_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, {0: "llvmpipe (LLVM)"}, [SOFTWARE, FIRST])
    assert is_software(open_context())
    assert driver.opened == [0]


def test_another_device_is_taken_where_the_first_is_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, {0: None, 1: None, 2: "llvmpipe (LLVM)"}, [SOFTWARE, FIRST, SECOND])
    assert is_software(open_context())
    assert driver.opened == [0, 1, 2]


def test_where_no_device_opens_all_are_named_and_the_variable_that_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, {0: None, 1: None}, [SOFTWARE, FIRST])
    with pytest.raises(GlUnavailableError, match=r"device 1 \(GPU a\): .*out of order; GLCONTEXT_DEVICE_INDEX=N makes"):
        open_context()
    driver.opened.clear()
    monkeypatch.setenv("GLCONTEXT_DEVICE_INDEX", "1")
    with pytest.raises(GlUnavailableError, match="out of order; GLCONTEXT_DEVICE_INDEX=1 names the device"):
        open_context()
    assert len(driver.opened) == 1  # glcontext would open the same one for every other number


@pytest.mark.parametrize(
    ("extensions", "name", "file", "device"),
    [
        (b"EGL_MESA_device_software", None, None, (0, "software renderer", True)),
        (b"EGL_NV_device_cuda EGL_EXT_device_drm", b"H100", b"/dev/dri/card0", (0, "NVIDIA GPU H100", False)),
        (b"EGL_EXT_device_drm", None, b"/dev/dri/card1", (0, "GPU /dev/dri/card1", False)),
        (None, None, None, (0, "GPU", False)),
    ],
)
def test_a_device_is_described_by_what_egl_says_of_it(extensions, name, file, device) -> None:
    assert describe_egl_device(0, extensions, name, file) == device


def test_egl_lists_the_device_that_the_context_draws_on(context: moderngl.Context) -> None:
    devices = list_egl_devices()
    assert [device.number for device in devices] == list(range(len(devices)))
    assert is_software(context) <= any(device.software for device in devices)


def test_without_egl_there_are_no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(context_module.ctypes, "CDLL", fail)
    assert list_egl_devices() == []
