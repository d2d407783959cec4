"""Writer of demonstrations in the published layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from policies.dataset.demonstration import Demonstration
from policies.dataset.episode_writer import EpisodeWriter
from policies.dataset.hdf5.layout import AGENT_POS, CHUNK, EXECUTED_ACTIONS, SUFFIX, event_types
from scenarios.robot import ACTION_SCALE, KEY_PRESS_PERIOD_S


def scene_label(demonstration: Demonstration) -> str:
    """Return the default label in an episode's file name: its scene."""
    scene = demonstration.scene
    return "unknown" if scene is None else f"{scene.scenario}_{scene.suite_seed}_{scene.episode}"


class Hdf5Writer(EpisodeWriter):
    """Writer of demonstrations as a folder of HDF5 files.

    Args:
        root: The folder to create. It must not exist, or be empty.
        period_s: Time between records.
        label: Returns the label in an episode's file name, e.g. its cell.
    """

    def __init__(
        self, root: Path, *, period_s: float = KEY_PRESS_PERIOD_S, label: Callable[[Demonstration], str] = scene_label
    ) -> None:
        super().__init__(root)
        self._period_s = period_s
        self._label = label

    def _append(self, demonstration: Demonstration) -> None:
        name = f"episode_{self._episode_count:04d}_{self._label(demonstration)}"
        raw = ACTION_SCALE * demonstration.actions
        with h5py.File(self._folder / f"{name}{SUFFIX}", "w") as file:
            file.attrs["episode_name"] = name
            file.attrs["num_frames"] = demonstration.length
            file.attrs["total_duration"] = demonstration.length * self._period_s
            file.attrs["action_chunk_size"] = CHUNK
            file.attrs["period_s"] = self._period_s
            file.attrs["instruction"] = demonstration.instruction
            file.attrs["source"] = demonstration.source
            if demonstration.success is not None:
                file.attrs["success"] = demonstration.success
            if demonstration.scene is not None:
                scene = demonstration.scene
                file.attrs["scenario"] = scene.scenario
                file.attrs["suite_seed"] = scene.suite_seed
                file.attrs["episode"] = scene.episode
            tables = {
                "images": demonstration.pixels,
                "actions": raw.astype(np.float32),
                AGENT_POS: demonstration.agent_pos,
                EXECUTED_ACTIONS: (ACTION_SCALE * demonstration.executed).astype(np.float32),
            }
            for key, values in tables.items():
                file.create_dataset(key, data=values, compression="gzip")
            words = np.array(event_types(raw), dtype=object)
            file.create_dataset("action_event_types", data=words, dtype=h5py.string_dtype(), compression="gzip")
