"""A small disk that can be filled and freed: a file system in memory, where this user may mount one."""

from __future__ import annotations

import contextlib
import errno
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FILLER = "filler"
CHUNK = bytes(1 << 16)


@contextlib.contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[bool]:
    """Mount a file system of this size at a folder while in the context; False if that isn't allowed here."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    command = [str(mount), "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)]
    mounted = bool(mount and unmount) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run([str(unmount), str(folder)], check=False)


def fill_disk(folder: Path) -> None:
    """Write a file until nothing more fits."""
    with contextlib.suppress(OSError), (folder / FILLER).open("wb", buffering=0) as stream:
        size = len(CHUNK)
        while size:
            try:
                stream.write(CHUNK[:size])
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


def free_disk(folder: Path) -> None:
    """Remove that file."""
    (folder / FILLER).unlink(missing_ok=True)
