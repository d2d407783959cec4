"""What reaches standard output and error: no greetings of C code, such as PyBullet's, and all else as far as possible.

The streams of a command may be closed, full, read by nobody, or not in UTF-8.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import io
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import IO, Any

GREETING_MODULES = ("pybullet",)


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Discard what C code prints to stderr in this context."""
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed, so nothing is printed
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class _QuietLoader(importlib.machinery.ExtensionFileLoader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        with quiet_stderr():
            return super().create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with quiet_stderr():
            super().exec_module(module)


class _QuietFinder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in GREETING_MODULES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
            spec.loader = _QuietLoader(spec.loader.name, spec.loader.path)
        return spec


def silence_greetings() -> None:
    """Let this process import the modules that greet without their greeting; repeated calls have no effect."""
    if not any(isinstance(finder, _QuietFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _QuietFinder())


def open_closed_streams() -> None:
    """Open those of the numbers 0 to 2 that are closed ('2>&-'), so that no file that is written takes one of them.

    Processes that this one starts inherit them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(number, True)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  open as long as the process
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8", errors="replace"))  # noqa: SIM115


def protect_streams() -> None:
    """Let this process print whatever becomes of its output.

    Letters that the output's encoding lacks become question marks. A reader that closes the pipe ('| head') ends
    nothing: the rest is discarded. Errors are told as long as that is possible. Streams that a test or a notebook put
    in place stay.
    """
    open_closed_streams()
    for name, kept in (("stdout", sys.__stdout__), ("stderr", sys.__stderr__)):
        stream = getattr(sys, name)
        if stream is kept and isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, _protect(stream, is_optional=name == "stderr"))


def _protect(stream: io.TextIOWrapper, *, is_optional: bool) -> io.TextIOWrapper:
    stream.flush()
    raw = io.BufferedWriter(_PatientFile(stream.fileno(), is_optional=is_optional))
    return io.TextIOWrapper(
        raw,
        encoding=stream.encoding,
        errors="backslashreplace" if is_optional else "replace",
        line_buffering=is_optional or stream.line_buffering,
    )


class _PatientFile(io.FileIO):
    """A stream of this process.

    Args:
        number: Its file descriptor, which stays open.
        is_optional: True if it may be lost for any reason, not only because its reader closed it.
    """

    def __init__(self, number: int, *, is_optional: bool) -> None:
        super().__init__(number, "w", closefd=False)
        self._forgiven = OSError if is_optional else BrokenPipeError

    def write(self, data: Any) -> int:
        """Write bytes, or discard them and all that follow once nobody can have them."""
        try:
            return super().write(data)
        except self._forgiven:
            discard_output(self)
            return len(data)
        except OSError as error:
            error.filename = "standard output"
            raise


def discard_output(stream: IO[Any] | io.FileIO) -> None:
    """Discard what a stream still contains and all that is written to it from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
