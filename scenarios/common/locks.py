"""Locks that the system releases when a process ends, however it ends: on files, on folders, on temporary ones."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

TEMPORARY_PREFIXES = ("mobile-vla-", "policy-host-")
_LOCK = ".in-use"
_held: dict[Path, IO[bytes]] = {}  # locks of this process's temporary folders


def lock_file(file: IO[Any] | int, *, wait: bool) -> str | None:
    """Lock an open file until it is closed; where the disk has no locks, go on without.

    Lustre without ``-o flock`` and NFS without a lock daemon have none.

    Args:
        file: The file, or its descriptor.
        wait: True to wait while another process holds the lock.

    Returns:
        None if it is locked; the system's reason if this disk has no locks.

    Raises:
        BlockingIOError: Another process holds the lock, and ``wait`` is False.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        return error.strerror or str(error)
    return None


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Wait until no other process holds a folder's lock, and hold it; without locks on its disk, go on."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        lock_file(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)


def make_temporary_folder(prefix: str, parent: Path | None = None) -> Path:
    """Create a temporary folder that ``remove_abandoned_folders`` removes once this process has ended.

    A worker is killed without running its exit handlers, so that it can't remove its folder itself.

    Args:
        prefix: One of ``TEMPORARY_PREFIXES``.
        parent: Where it is made; None: in the system's temporary folder.
    """
    assert prefix in TEMPORARY_PREFIXES
    remove_abandoned_folders(parent)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    lock = (folder / f"{_LOCK}.partial").open("wb")
    if lock_file(lock, wait=False) is None:
        os.rename(lock.name, folder / _LOCK)  # under this name it is always locked while its process runs
        _held[folder] = lock
    else:
        lock.close()
    return folder


def remove_temporary_folder(folder: Path) -> None:
    """Remove a folder of ``make_temporary_folder`` before this process ends."""
    shutil.rmtree(folder, ignore_errors=True)
    if (lock := _held.pop(folder, None)) is not None:
        lock.close()


def remove_abandoned_folders(parent: Path | None = None) -> None:
    """Remove the temporary folders of this user's processes that have ended."""
    for folder in _own_folders(parent or Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError), (folder / _LOCK).open("rb+") as lock:
            if lock_file(lock, wait=False) is None:
                shutil.rmtree(folder, ignore_errors=True)


def _own_folders(parent: Path) -> Iterator[Path]:
    """The temporary folders below ``parent`` that belong to this user."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                is_ours = (
                    entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.getuid()
                )
                if is_ours and entry.name.startswith(TEMPORARY_PREFIXES):
                    yield Path(entry.path)
