"""Demonstrations on disk, as LeRobot v3.0 data sets: parquet tables, mp4 video, JSON metadata.

The reader and the writer are imported at first use: a process that has data sets parsed elsewhere needs neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.dataset.demonstration import Demonstration, EpisodeInfo, FrameCaption, SceneRef, SeenObject

if TYPE_CHECKING:
    from policies.dataset.lerobot.reader import Dataset
    from policies.dataset.lerobot.writer import DatasetWriter

__all__ = ["Dataset", "DatasetWriter", "Demonstration", "EpisodeInfo", "FrameCaption", "SceneRef", "SeenObject"]


def __getattr__(name: str) -> object:
    if name == "Dataset":
        from policies.dataset.lerobot.reader import Dataset

        return Dataset
    if name == "DatasetWriter":
        from policies.dataset.lerobot.writer import DatasetWriter

        return DatasetWriter
    raise AttributeError(f"module 'policies.dataset' has no attribute '{name}'")
