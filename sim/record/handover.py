"""Files in which workers hand recorded episodes to the process that writes the data set: arrays and JSON, no pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from policies.dataset import Demonstration
from policies.dataset.demonstration import FrameCaption, SceneRef
from sim.record.session import RecordedEpisode
from sim.results.codec import OMIT, from_json, parse_json, to_json

ARRAYS = ("agent_pos", "actions", "executed", "noise_burst", "clearance_m", "pixels")
_WORDS = "words"  # name of the JSON, beside the arrays


@dataclass(frozen=True)
class Description:
    """All of a demonstration that isn't an array."""

    scene: SceneRef | None
    captions: tuple[FrameCaption, ...]
    instruction: str
    success: bool | None
    source: str


@dataclass(frozen=True)
class EpisodeWords:
    """All of a recorded episode that isn't an array."""

    status: str
    """How it ended."""
    demonstration: Description | None = field(default=None, metadata={OMIT: True})
    """None if it isn't kept."""


def write_episode(path: Path, episode: RecordedEpisode) -> None:
    """Write a recorded episode to a file."""
    demonstration, status = episode
    found = {name: getattr(demonstration, name, None) for name in ARRAYS}
    arrays = {name: array for name, array in found.items() if array is not None}
    words = EpisodeWords(status, None if demonstration is None else _describe(demonstration))
    arrays[_WORDS] = np.frombuffer(json.dumps(to_json(words)).encode(), np.uint8)
    with path.open("wb") as stream:
        np.savez(stream, **arrays)


def _describe(demonstration: Demonstration) -> Description:
    return Description(
        demonstration.scene,
        demonstration.captions,
        demonstration.instruction,
        demonstration.success,
        demonstration.source,
    )


def read_episode(path: Path) -> RecordedEpisode:
    """Read a recorded episode that ``write_episode`` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        words = from_json(EpisodeWords, parse_json(stored[_WORDS].tobytes(), f"'{path}'"), f"'{path}'")
        if words.demonstration is None:
            return None, words.status
        arrays = {name: stored.get(name) for name in ARRAYS}
    return Demonstration(**vars(words.demonstration), **arrays), words.status
