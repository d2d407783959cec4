"""Atomic writes of files and folders, and checks of output paths before long work begins."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scenarios.common.errors import InputError

SCENARIO_SUFFIXES = (".yaml", ".yml")
LONGEST_NAME = 255  # bytes of a file name, on all common file systems


def is_scenario_file(name: str | Path) -> bool:
    """Return whether a scenario's name is the path of a scenario file; case doesn't matter."""
    return str(name).lower().endswith(SCENARIO_SUFFIXES)


def temporary_path(path: Path) -> Path:
    """Return a hidden, unused name beside ``path`` for incomplete contents; no other process uses it."""
    name = shorten_name(path.name, LONGEST_NAME - 32)
    return path.absolute().parent / f".{name}.{os.getpid()}-{os.urandom(4).hex()}.partial"


def shorten_name(name: str, longest: int) -> str:
    """Shorten a file name to ``longest`` bytes; a shortened one ends in a hash of the whole, so it stays unique."""
    encoded = os.fsencode(name)
    if len(encoded) <= longest:
        return name
    end = f"-{hashlib.sha256(encoded).hexdigest()[:8]}"
    return encoded[: longest - len(end)].decode("utf-8", "ignore") + end


@contextmanager
def replace_file(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Provide a temporary path to write a file to; it becomes ``path`` at the end, or is removed after an error.

    Readers see either the old file or the new one, never a part of it.

    Args:
        durable: Wait until the contents are on disk before renaming the file.
    """
    temporary = temporary_path(path)
    try:
        yield temporary
        if durable:
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def create_folder(path: Path) -> Iterator[Path]:
    """Provide a temporary empty folder to fill; it becomes ``path`` at the end, or is removed after an error.

    Parents of ``path`` are created.

    Raises:
        OSError: ``path`` is a file or a folder that is not empty.
    """
    temporary = temporary_path(path)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, wait until it is on disk, and rename it."""
    with replace_file(path, durable=True) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file as ``write_bytes`` does."""
    write_bytes(path, text.encode())


def is_vacant(path: Path) -> bool:
    """Return whether ``path`` doesn't exist or is an empty folder."""
    return not any(path.iterdir()) if path.is_dir() else not path.exists()


def check_folder(path: Path, name: str = "--out") -> None:
    """Check that ``path`` is a folder that can be written to, or can become one; its parents need not exist yet.

    Args:
        name: The path's name in errors, e.g. a flag.

    Raises:
        InputError: ``path`` is a file, is below a file, or is not writable.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{name} '{path}' is a file: name a folder")
    nearest = next(above for above in (path.absolute(), *path.absolute().parents) if above.exists())
    if not nearest.is_dir():
        raise InputError(f"{name} '{path}': '{nearest}' is a file, not a folder")
    _check_writable(name, path, nearest)


def check_new_folder(path: Path, name: str = "--out") -> None:
    """Check that ``path`` can become an output folder: absent, or an empty folder; its parents need not exist yet.

    Raises:
        InputError: As ``check_folder``, or the folder is not empty.
    """
    check_folder(path, name)
    if not is_vacant(path):
        raise InputError(f"{name} '{path}' is not empty: name a new folder")


def check_new_file(path: Path, name: str = "--out", endings: Sequence[str] = ()) -> None:
    """Check that a file can be written at ``path``, in a folder that exists; an existing file is replaced.

    Args:
        path: The file.
        name: The flag that named it.
        endings: One of these has to end its name, if any are given: so no input of another kind is overwritten.

    Raises:
        InputError: Its name ends otherwise, it is a folder, or its folder doesn't exist or isn't writable.
    """
    parent = path.absolute().parent
    if path.is_dir():
        raise InputError(f"{name} '{path}' is a folder: name a file")
    if endings and not path.name.lower().endswith(tuple(endings)):
        raise InputError(f"{name} '{path}' must end in {' or '.join(endings)}")
    if not parent.is_dir():
        raise InputError(f"{name} '{path}': there is no folder '{parent}'")
    _check_writable(name, path, parent)


def _check_writable(name: str, path: Path, folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        where = f"{name} '{path}'" if folder == path.absolute() else f"{name} '{path}': '{folder}'"
        raise InputError(f"{where} is not writable")
