"""Labelled views: pictures from poses anywhere in a world, with what truly stands there, as files of a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from policies.reference.network import RAY_KINDS
from policies.reference.panorama import BOTTOM_RAD, CELLS, RAYS, SIDE_RAD, SIZE, TOP_RAD
from policies.reference.vocabulary import COLOURS, KINDS
from scenarios.common.errors import InputError, damage_as_input_error

PICTURES, LABELS = "pictures.npy", "labels.npz"
CURE = "delete the folder to record them anew"
FORMAT = repr((1, SIZE, SIDE_RAD, TOP_RAD, BOTTOM_RAD, RAYS, CELLS, RAY_KINDS, KINDS, COLOURS))
"""What pictures and labels mean; the number counts changes of how they are drawn."""


class ViewBatch(NamedTuple):
    """Views with their labels, as ``sim.record.views.labels.ViewLabels`` describes them."""

    pictures: np.ndarray
    """(n, 3, size, size) uint8: panoramas."""
    ranges: np.ndarray
    """(n, rays) float32, m."""
    ray_kinds: np.ndarray
    """(n, rays) uint8."""
    kinds: np.ndarray
    """(n, cells, cells) uint8."""
    colours: np.ndarray
    """(n, cells, cells) uint8."""
    places: np.ndarray
    """(n, 2, cells, cells) float16: m, rad."""


def view_file(folder: Path) -> Path:
    """Return the file of a folder's pictures."""
    return folder / PICTURES


def save_labels(folder: Path, labels: Mapping[str, np.ndarray]) -> None:
    """Write the labels of all views, by their name in ``ViewBatch``."""
    np.savez_compressed(folder / LABELS, format=np.array(FORMAT), **labels)  # type: ignore[arg-type]


@dataclass(frozen=True)
class ViewSet:
    """Views of several folders, in order. The pictures are read when they are asked for."""

    pictures: Sequence[np.ndarray]
    """Those of each folder."""
    labels: Mapping[str, np.ndarray]
    """Those of all folders together."""

    @classmethod
    def open(cls, folders: Sequence[Path]) -> Self:
        """Open folders that ``sim.record`` wrote.

        Raises:
            InputError: Its views are of another kind than this network learns from.
        """
        pictures, parts = [], []
        for folder in folders:
            with damage_as_input_error(f"views in {folder}", CURE):
                pictures.append(np.load(view_file(folder), mmap_mode="r"))
                with np.load(folder / LABELS) as part:
                    if "format" not in part or str(part["format"]) != FORMAT:
                        raise InputError(f"{folder} holds views of another version: {CURE}")
                    parts.append({name: part[name] for name in ViewBatch._fields[1:]})
        return cls(
            pictures, {name: np.concatenate([part.pop(name) for part in parts]) for name in ViewBatch._fields[1:]}
        )

    def __len__(self) -> int:
        return sum(len(part) for part in self.pictures)

    def select(self, numbers: np.ndarray) -> ViewBatch:
        """Read the views with some numbers (n,)."""
        starts = np.cumsum([0, *(len(part) for part in self.pictures)])
        folders = np.searchsorted(starts, numbers, side="right") - 1
        chosen = [
            self.pictures[folder][number - starts[folder]] for folder, number in zip(folders, numbers, strict=True)
        ]
        return ViewBatch(np.stack(chosen), **{name: part[numbers] for name, part in self.labels.items()})
