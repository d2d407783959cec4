"""Files in which workers hand recorded episodes to the process that writes the data set: arrays and JSON, no pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from policies.dataset import Demonstration
from policies.dataset.demonstration import FrameCaption, SceneRef, SeenObject
from sim.record.session import RecordedEpisode

ARRAYS = ("agent_pos", "actions", "executed", "noise_burst", "clearance_m", "pixels")
_WORDS = "words"  # name of the JSON, beside the arrays


def write_episode(path: Path, episode: RecordedEpisode) -> None:
    """Write a recorded episode to a file."""
    demonstration, status = episode
    parts = {} if demonstration is None else vars(demonstration)
    arrays: dict[str, Any] = {name: parts[name] for name in ARRAYS if parts.get(name) is not None}
    words: dict[str, Any] = {"status": status}
    if demonstration is not None:
        words["demonstration"] = {
            "scene": None if demonstration.scene is None else asdict(demonstration.scene),
            "captions": [asdict(caption) for caption in demonstration.captions],
            **{name: parts[name] for name in ("instruction", "success", "source")},
        }
    arrays[_WORDS] = np.frombuffer(json.dumps(words).encode(), np.uint8)
    with path.open("wb") as stream:
        np.savez(stream, **arrays)


def read_episode(path: Path) -> RecordedEpisode:
    """Read a recorded episode that ``write_episode`` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        words = json.loads(stored[_WORDS].tobytes())
        if (found := words.get("demonstration")) is None:
            return None, words["status"]
        arrays = {name: stored.get(name) for name in ARRAYS}
    scene, captions = found.pop("scene"), tuple(_read_caption(caption) for caption in found.pop("captions"))
    demonstration = Demonstration(
        scene=None if scene is None else SceneRef(**scene), captions=captions, **found, **arrays
    )
    return demonstration, words["status"]


def _read_caption(caption: dict[str, Any]) -> FrameCaption:
    objects = tuple(SeenObject(seen["phrase"], tuple(seen["box"])) for seen in caption["objects"])
    return FrameCaption(caption["frame"], objects)
