"""Recorded episodes in either layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from policies.dataset.demonstration import DatasetNote, Demonstration, DemonstrationSignals, EpisodeInfo
from policies.dataset.isolated.dataset import IsolatedDataset
from policies.dataset.mapping.mapping import DatasetMapping


class EpisodeDataset(Protocol):
    """Recorded episodes: of ``open_dataset``; a ``Dataset`` (LeRobot) or an ``Hdf5Dataset`` in this process."""

    @property
    def root(self) -> Path:
        """The folder of the data set."""
        ...

    @property
    def fps(self) -> float:
        """Frames per second."""
        ...

    @property
    def mapping(self) -> DatasetMapping:
        """How it is read."""
        ...

    @property
    def notes(self) -> tuple[DatasetNote, ...]:
        """What one should know beside figures of this set."""
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

    def signals(self, i: int, /) -> DemonstrationSignals:
        """Read an episode without its frames; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: Its files are damaged.
        """
        ...

    def frames(self, i: int, /, numbers: Sequence[int] | None = None) -> Iterator[np.ndarray]:
        """Read frames of an episode one after the other, all or those of ascending numbers, (H, W, 3) uint8 RGB each.

        Raises:
            IndexError: There is no such episode.
            InputError: Its files are damaged.
        """
        ...

    def demonstration(self, i: int, /) -> Demonstration:
        """Read an episode with its frames, all in memory; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: Its files are damaged.
        """
        ...

    def close(self) -> None:
        """Close open files; they are reopened when needed."""
        ...


def open_dataset(folder: Path, mapping: Path | None = None) -> EpisodeDataset:
    """Open a data set; its layout is recognised by the folder's contents.

    Its files are parsed in a process of its own, under limits of time and memory.

    Args:
        folder: The data set's folder.
        mapping: A mapping file; None to guess from names, or to use ``mapping.yaml`` in the folder.

    Raises:
        InputError: The folder is in neither layout, or needs a mapping.
    """
    return IsolatedDataset(folder, mapping)
