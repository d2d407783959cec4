"""Demonstrations on disk, as LeRobot v3.0 data sets: parquet tables, mp4 video, JSON metadata."""

from policies.dataset.demonstration import Demonstration, EpisodeInfo, FrameCaption, SceneRef, SeenObject
from policies.dataset.lerobot.reader import Dataset
from policies.dataset.lerobot.writer import DatasetWriter

__all__ = ["Dataset", "DatasetWriter", "Demonstration", "EpisodeInfo", "FrameCaption", "SceneRef", "SeenObject"]
