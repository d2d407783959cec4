"""Recorded episodes in whichever layout a folder has."""

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
        """Its folder."""
        ...

    @property
    def fps(self) -> float:
        """Frames a second."""
        ...

    @property
    def fingerprint(self) -> str:
        """A sha256 over the names and contents of all of its files."""
        ...

    def __len__(self) -> int:
        """Return the number of episodes."""
        ...

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        ...

    def info(self, i: int, /) -> EpisodeInfo:
        """Return what is known of an episode without reading its frames."""
        ...

    def demonstration(self, i: int, /) -> Demonstration:
        """Read an episode with its frames; actions in [-1, 1].

        Raises:
            IndexError: If there is no such episode.
            InputError: If its files are damaged.
        """
        ...

    def close(self) -> None:
        """Let go of open files; reading goes on to work."""
        ...


def open_dataset(folder: Path) -> EpisodeDataset:
    """Open a data set in either layout, told by what the folder contains.

    Raises:
        InputError: If it is neither.
    """
    return Hdf5Dataset(folder) if any(folder.glob(f"*{SUFFIX}")) else Dataset(folder)
