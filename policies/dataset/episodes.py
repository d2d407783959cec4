"""A data set in whichever layout its folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from policies.dataset.demonstration import Demonstration
from policies.dataset.hdf5.reader import SUFFIX, Hdf5Dataset
from policies.dataset.lerobot.reader import Dataset


class EpisodeDataset(Protocol):
    """Recorded episodes: a ``Dataset`` (LeRobot v3.0), or an ``Hdf5Dataset`` of the published layout."""

    @property
    def root(self) -> Path: ...
    @property
    def fps(self) -> float: ...

    def __len__(self) -> int: ...

    def demonstration(self, i: int, /) -> Demonstration: ...


def open_dataset(folder: Path) -> Dataset | Hdf5Dataset:
    """A data set in either layout, told by what the folder holds.

    Raises:
        InputError: If it is neither.
    """
    return Hdf5Dataset(folder) if any(folder.glob(f"*{SUFFIX}")) else Dataset(folder)
