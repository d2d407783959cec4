"""Safe access to HDF5 files: nothing is taken from outside a file unnoticed, and texts are texts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from scenarios.common.errors import InputError


@contextlib.contextmanager
def open_hdf5(path: Path) -> Iterator[Any]:
    """Open a file for reading, and raise h5py's errors as ``InputError``."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except InputError:
        raise
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise InputError(f"{path} is not a readable HDF5 file ({error}); it may be truncated") from error


def find_dataset(group: Any, name: str, path: Path) -> Any:
    """Return a data set in a group of an open file, by its path in the group.

    Raises:
        InputError: There is none, or its contents are in another file that is missing or outside the folder.
    """
    place = group
    for part in name.split("/"):
        link = place.get(part, getlink=True) if isinstance(place, h5py.Group) else None
        if isinstance(link, h5py.ExternalLink):
            raise InputError(f"'{name}' in {path} is a link to another file ({link.filename}), which is not followed")
        place = None if link is None else place.get(part)
    if not isinstance(place, h5py.Dataset):
        raise InputError(f"{path} lacks the data set '{name}'; it has {', '.join(sorted(group)) or 'nothing'}")
    if place.file.filename != group.file.filename:
        raise InputError(f"'{name}' in {path} is a link to another file ({place.file.filename}), which is not followed")
    if place.external:
        raise InputError(f"'{name}' in {path} is stored in other files ({place.external[0][0]}), which are not read")
    if place.is_virtual:
        _check_sources(place, name, path)
    return place


def _check_sources(virtual: Any, name: str, path: Path) -> None:
    """Check the sources of a virtual data set, which HDF5 replaces by zeros where they are missing."""
    folder = path.resolve().parent
    for source in virtual.virtual_sources():
        file = path.resolve() if source.file_name == "." else (folder / source.file_name).resolve()
        where = f"'{name}' in {path} is taken from '{source.dset_name}' in {source.file_name}"
        if not file.is_relative_to(folder):
            raise InputError(f"{where}, which is outside the folder")
        if not file.is_file():
            raise InputError(f"{where}, which is missing")
        with open_hdf5(file) as opened:
            find_dataset(opened, source.dset_name.strip("/"), file)


def read_text(value: Any) -> str | None:
    """Return an attribute or a scalar as text, be it text, bytes, or an array of one; None if it is something else."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):  # NumPy's, too
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return str(value) if isinstance(value, str) else None


def read_number(value: Any, where: str) -> float:
    """Return an attribute as a number, be it in an array of one.

    Raises:
        InputError: It isn't a finite number.
    """
    values = np.asarray(value)
    if values.size != 1 or values.dtype.kind not in "biuf" or not np.isfinite(values.astype(np.float64)).all():
        raise InputError(f"{where} is {value!r}; expected a number")
    return float(values.reshape(-1)[0])


def read_whole(value: Any, where: str) -> int:
    """Return an attribute as a whole number of any size, be it in an array of one.

    Raises:
        InputError: It isn't a whole number.
    """
    values = np.asarray(value)
    if values.size != 1 or values.dtype.kind not in "iu":
        raise InputError(f"{where} is {value!r}; expected a whole number")
    return int(values.reshape(-1)[0])
