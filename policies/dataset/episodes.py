"""Recorded episodes in either layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from policies.dataset.demonstration import Demonstration, EpisodeInfo
from policies.dataset.hdf5.layout import SUFFIX
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.lerobot.reader import Dataset


class EpisodeDataset(Protocol):
    """Recorded episodes: a ``Dataset`` (LeRobot v3.0), or an ``Hdf5Dataset`` of the published layout."""

    @property
    def root(self) -> Path:
        """The folder of the data set."""
        ...

    @property
    def fps(self) -> float:
        """Frames per second."""
        ...

    @property
    def fingerprint(self) -> str:
        """The sha256 over the names and contents of all its files."""
        ...

    def __len__(self) -> int:
        """Return the number of episodes."""
        ...

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        ...

    def info(self, i: int, /) -> EpisodeInfo:
        """Return the description of an episode without reading its frames."""
        ...

    def demonstration(self, i: int, /) -> Demonstration:
        """Read an episode with its frames; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: Its files are damaged.
        """
        ...

    def close(self) -> None:
        """Close open files; they are reopened when needed."""
        ...


def open_dataset(folder: Path) -> EpisodeDataset:
    """Open a data set; its layout is recognised by the folder's contents.

    Raises:
        InputError: The folder is in neither layout.
    """
    return Hdf5Dataset(folder) if any(folder.glob(f"*{SUFFIX}")) else Dataset(folder)
