"""Reads a zip of Stable-Baselines3 without running a pickle: its JSON as text, its weights as tensors alone."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from scenarios.common.errors import InputError

DATA, WEIGHTS = "data", "policy.pth"
LARGEST_DATA = 1 << 29  # bytes; the last observations of many robots are in it
LARGEST_WEIGHTS = 1 << 33
PICKLED = ":serialized:"


@dataclass(frozen=True)
class Archive:
    """What a zip says without its pickles.

    Attributes:
        path: The file.
        data: The description of the algorithm; what was pickled is there as text, by the names of its members.
        weights: The policy's weights by name.
    """

    path: Path
    data: dict[str, Any]
    weights: dict[str, torch.Tensor]


def read_archive(path: Path) -> Archive:
    """Read a zip.

    Raises:
        InputError: It isn't one of Stable-Baselines3, is damaged, or is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            data = json.loads(_read_member(archive, DATA, LARGEST_DATA, path))
            stored = _read_member(archive, WEIGHTS, LARGEST_WEIGHTS, path)
        weights = torch.load(io.BytesIO(stored), map_location="cpu", weights_only=True)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged file may raise anything
        raise _not_a_model(path, " ".join(str(error).split())[:200] or type(error).__name__) from error
    if not isinstance(data, dict) or not isinstance(weights, dict) or not weights:
        raise _not_a_model(path, f"'{DATA}' and '{WEIGHTS}' must hold members by their names")
    if not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise _not_a_model(path, f"'{WEIGHTS}' must hold tensors alone")
    return Archive(path, data, weights)


def _read_member(archive: zipfile.ZipFile, name: str, largest: int, path: Path) -> bytes:
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise _not_a_model(path, f"it contains no '{name}'") from None
    if size > largest:
        raise InputError(f"{path} contains '{name}' of {size:,} bytes: {largest:,} are the most that are read")
    return archive.read(name)


def _not_a_model(path: Path, reason: str) -> InputError:
    return InputError(f"{path} is not a model that Stable-Baselines3 saved: {reason}")
