"""Opens OpenGL on a GPU or in software, and refuses it in a fork of a process that had opened it.

A context that is given back is taken again, since each new one costs memory that the driver never returns.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from typing import NamedTuple

import moderngl

SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swiftshader")  # in lower case, as parts of GL_RENDERER
DEVICE_VARIABLE = "GLCONTEXT_DEVICE_INDEX"  # of the environment; glcontext opens this device, whatever it is asked for
_MOST_DEVICES = 64
_EXTENSIONS, _DEVICE_NAME, _DRM_FILE = 0x3055, 0x335F, 0x3233  # names of eglQueryDeviceStringEXT

_idle: dict[bool, list[moderngl.Context]] = {False: [], True: []}  # given back, by whether they must draw on a GPU
_opener: int | None = None  # the process that first opened OpenGL: this one, or one that it was forked from


class GlUnavailableError(RuntimeError):
    """OpenGL is not available or does not work on this machine."""


class GlForkedError(GlUnavailableError):
    """This process was forked from one that had opened OpenGL."""


class EglDevice(NamedTuple):
    """A device that EGL can draw on.

    Attributes:
        number: Its place in EGL's list.
        name: As EGL calls it.
        software: True if it is a software renderer.
    """

    number: int
    name: str
    software: bool


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


def list_egl_devices() -> list[EglDevice]:
    """List EGL's devices in EGL's order; empty if EGL is missing or can't list them."""
    try:
        egl = ctypes.CDLL(ctypes.util.find_library("EGL") or "libEGL.so.1")
    except OSError:
        return []
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
    query, describe = egl.eglGetProcAddress(b"eglQueryDevicesEXT"), egl.eglGetProcAddress(b"eglQueryDeviceStringEXT")
    if not query or not describe:
        return []
    found, count = (ctypes.c_void_p * _MOST_DEVICES)(), ctypes.c_int()
    query_devices = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(query)
    device_string = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)(describe)
    if not query_devices(_MOST_DEVICES, found, ctypes.addressof(count)):
        return []
    return [
        describe_egl_device(number, *(device_string(device, name) for name in (_EXTENSIONS, _DEVICE_NAME, _DRM_FILE)))
        for number, device in enumerate(found[: count.value])
    ]


def describe_egl_device(number: int, extensions: bytes | None, name: bytes | None, file: bytes | None) -> EglDevice:
    """Make a device of the strings that EGL has for it; any may be missing."""
    words = (extensions or b"").decode().split()
    software = "EGL_MESA_device_software" in words
    vendor = "NVIDIA GPU" if "EGL_NV_device_cuda" in words else "software renderer" if software else "GPU"
    said = (name or file or b"").decode()
    return EglDevice(number, f"{vendor} {said}".strip(), software)


def open_context(on_gpu: bool = False) -> moderngl.Context:
    """Open an OpenGL 4.3 context through EGL, or take one that was given back.

    Args:
        on_gpu: Take the first GPU that can be opened, never a software renderer. Otherwise take the first device of EGL
            that can be opened.

    Raises:
        GlForkedError: This process was forked from one that had opened OpenGL.
        GlUnavailableError: EGL, OpenGL 4.3 or a required extension is missing, or there is no GPU and one is needed.
    """
    global _opener
    refuse_fork_of(_opener)
    _opener = os.getpid()
    if _idle[on_gpu]:
        return _idle[on_gpu].pop()
    return _open_on_gpu() if on_gpu else _open_first()


def give_back_context(context: moderngl.Context, on_gpu: bool = False) -> None:
    """Keep a context for the next ``open_context`` of the same kind; all that was made in it must be released."""
    _idle[on_gpu].append(context)


def is_software(context: moderngl.Context) -> bool:
    """Return whether a context draws on the processor."""
    device = str(context.info["GL_RENDERER"]).lower()
    return any(name in device for name in SOFTWARE_RENDERERS)


def _open_first() -> moderngl.Context:
    """Open a context on the device that EGL takes by itself, or else on the first other one that can be opened."""
    try:
        return _open(None)
    except GlUnavailableError as failure:
        failures = [str(failure)]
    if DEVICE_VARIABLE in os.environ:
        raise GlUnavailableError(f"{failures[0]}; {DEVICE_VARIABLE}={os.environ[DEVICE_VARIABLE]} names the device")
    devices = list_egl_devices()
    for device in devices[1:]:  # EGL takes the first one by itself
        try:
            return _open(device.number)
        except GlUnavailableError as failure:
            failures.append(f"device {device.number} ({device.name}): {failure}")
    hint = f"; {DEVICE_VARIABLE}=N makes EGL take its device N" if devices else ""
    raise GlUnavailableError("; ".join(dict.fromkeys(failures)) + hint)


def _open_on_gpu() -> moderngl.Context:
    chosen = os.environ.get(DEVICE_VARIABLE)
    devices = [device for device in list_egl_devices() if chosen in (None, str(device.number))]
    failures: list[str] = []
    for device in devices:
        if device.software:
            failures.append(f"{device.number} is a software renderer")
            continue
        try:
            context = _open(device.number)
        except GlUnavailableError as failure:
            failures.append(f"{device.number} ({device.name}) fails: {failure}")
            continue
        if not is_software(context):
            return context
        failures.append(f"{device.number} ({device.name}) draws by {context.info['GL_RENDERER']}")
        context.release()
    found = "; ".join(failures) or "none, or EGL is missing"
    raise GlUnavailableError(f"EGL has no GPU to draw on; its devices: {found}")


def _open(device: int | None) -> moderngl.Context:
    """Open a context on a device of EGL, or on its first one."""
    chosen = {} if device is None else {"device_index": device}
    try:
        context = moderngl.create_standalone_context(require=430, backend="egl", **chosen)  # type: ignore[arg-type]
    except Exception as failure:  # drivers raise errors of any type; the message is kept
        raise GlUnavailableError(f"no OpenGL 4.3 through EGL: {failure}") from failure
    if "GL_ARB_shader_viewport_layer_array" not in context.extensions:
        context.release()
        raise GlUnavailableError("this OpenGL lacks the extension ARB_shader_viewport_layer_array")
    return context
