"""Failures of somebody's code, in one line for people."""

from __future__ import annotations

import contextlib
import os
import sys

LONGEST_ERROR = 500
LONGEST_NAME = 200  # characters of the name and of the hash of the weights that a policy states
INSTALLED = ("site-packages", "dist-packages", f"python{sys.version_info[0]}.{sys.version_info[1]}")


class LoadError(Exception):
    """A policy that can't be loaded, in one sentence."""


def escape_text(text: str) -> str:
    """Return a text on one line, without characters that a terminal obeys or that can't be written."""
    line = " ".join(str.split(text))
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def describe_failure(error: BaseException) -> str:
    """Describe an error of somebody's code in one line: its type, its message, and the file and line it comes from.

    The place is the last one outside installed packages; inside them if all of the code is installed.
    """
    try:
        name, message = escape_text(type(error).__name__[:LONGEST_ERROR]), _read_message(error)
        text = f"{name}: {message}"[:LONGEST_ERROR] if message else name
        place = _find_place(error)
    except BaseException:  # noqa: BLE001  its type may be made so that nothing can be asked of it
        return "an error that can't be described"
    return text if place is None else f"{text} ({place})"


def _read_message(error: BaseException) -> str:
    """Return what an error says, shortened; nothing if it fails to."""
    try:
        return escape_text(str.__getitem__(str(error), slice(4 * LONGEST_ERROR)))
    except BaseException:  # noqa: BLE001
        return ""


def _find_place(error: BaseException) -> str | None:
    """Return the file and line of somebody's code that an error comes from; None if there are none, or it says them."""
    step = vars(BaseException)["__traceback__"].__get__(error)  # whatever its class makes of this name
    frames = []
    while step is not None:
        frames.append((step.tb_frame.f_code.co_filename, step.tb_lineno))
        step = step.tb_next
    frames = [frame for frame in frames if not _is_of_host(frame[0])]
    own = [frame for frame in frames if not any(part in frame[0].split(os.sep) for part in INSTALLED)]
    if isinstance(error, SyntaxError) or not frames:
        return None
    file, line = (own or frames)[-1]
    return f"{escape_text(os.path.basename(file))}:{line}"


def _is_of_host(file: str) -> bool:
    """Return whether a file of code is one of this package, or of what imports modules."""
    return os.path.dirname(file) == os.path.dirname(__file__) or file.startswith("<frozen")


def end_process(error: BaseException) -> None:
    """End the process, whatever threads the policy has; the last line that is printed says why."""
    with contextlib.suppress(BaseException):
        os.write(2, f"{describe_failure(error)}\n".encode())
    os._exit(1)
