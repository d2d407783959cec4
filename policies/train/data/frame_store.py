"""Demonstrations decoded once into arrays for random access: downsampled frames, odometry, actions, episodes.

A cache folder contains ``pixels.bin`` (raw uint8, read as a memory map), ``agent_pos.npy``, ``actions.npy`` and
``episodes.json``. It is keyed by the data set's fingerprint and the frame size, so changed data or preprocessing never
reads an old cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from policies.dataset import Demonstration, FrameCaption, SceneRef, SeenObject
from policies.dataset.clock import frames_per_period, schedule_calls
from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.episodes import EpisodeDataset, open_dataset
from policies.dataset.frame_size import resize_frame
from policies.dataset.mapping.text import format_mapping
from scenarios.common.errors import InputError
from scenarios.common.files import create_folder
from scenarios.robot import CONTROL_PERIOD_S, IMAGE_SIZE

FRAME_SIZE = 112  # pixels: input size of both compact vision towers
VERSION = 2  # of the cache; increase it when preprocessing changes


@dataclass(frozen=True)
class EpisodeFrames:
    """Position of an episode in a store, and its metadata."""

    start: int
    length: int
    instruction: str
    scene: SceneRef | None  # None: recorded outside this simulation
    captions: tuple[FrameCaption, ...]  # frame numbers count from the start of the episode


@dataclass(frozen=True)
class FrameStore:
    """All frames, odometry and actions of one data set."""

    pixels: np.ndarray  # (n, FRAME_SIZE, FRAME_SIZE, 3) uint8, a memory map
    agent_pos: np.ndarray  # (n, 6) float32: velocities and odometry
    actions: np.ndarray  # (n, 3) float32: the actions to imitate
    episodes: tuple[EpisodeFrames, ...]
    key: str = ""  # identifies data, frame size and preprocessing: the name of the cache folder

    def __getstate__(self) -> dict[str, Any]:
        pixels = self.pixels
        if not isinstance(pixels, np.memmap):
            return self.__dict__
        return {**self.__dict__, "pixels": _PixelFile(Path(str(pixels.filename)), pixels.shape)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        pixels = state["pixels"]
        self.__dict__.update(state, pixels=pixels.open() if isinstance(pixels, _PixelFile) else pixels)


class _PixelFile(NamedTuple):
    """File of raw frames, in place of its memory map when a store is sent to another process."""

    path: Path
    shape: tuple[int, ...]

    def open(self) -> np.ndarray:
        """Map the file into memory."""
        return np.memmap(self.path, np.uint8, mode="r", shape=self.shape)


def downsample_2x(pixels: np.ndarray) -> np.ndarray:
    """Average each 2 x 2 block of pixels, rounded: (t, 224, 224, 3) uint8 to (t, 112, 112, 3) uint8."""
    rows = pixels[:, 0::2].astype(np.uint16) + pixels[:, 1::2]
    return ((rows[:, :, 0::2] + rows[:, :, 1::2] + 2) >> 2).astype(np.uint8)


def fit_frame(pixels: np.ndarray) -> np.ndarray:
    """Fit a frame (H, W, 3) uint8 to ``FRAME_SIZE``: the camera's own by halves, any other by areas."""
    if pixels.shape[:2] == IMAGE_SIZE:
        return downsample_2x(pixels[None])[0]
    return resize_frame(pixels, (FRAME_SIZE, FRAME_SIZE))


class StreamedEpisode(NamedTuple):
    """An episode whose frames are decoded one after the other."""

    signals: DemonstrationSignals | Demonstration
    frames: Iterable[np.ndarray]  # (H, W, 3) uint8 each


def open_store(root: Path, cache: Path) -> FrameStore:
    """Open the store of a data set, which is decoded on first use and memory-mapped afterwards.

    Raises:
        InputError: The data set can't be read, or contains no episodes.
    """
    return store_dataset(open_dataset(root), cache)


def store_dataset(data: EpisodeDataset, cache: Path) -> FrameStore:
    """Open the store of a data set, with a frame every 0.1 s of sets that have more.

    Raises:
        InputError: A frame can't be read.
    """
    each = frames_per_period(CONTROL_PERIOD_S, data.fps)
    name = f"{data.fingerprint[:24]}-{FRAME_SIZE}-v{VERSION}"
    if data.mapping.is_given or each > 1.0:  # otherwise the fingerprint says all
        name += f"-{hashlib.sha256(format_mapping(data.mapping).encode()).hexdigest()[:8]}"
    return _open_or_fill((_stream_episode(data, number, each) for number in range(len(data))), cache / name)


def _stream_episode(data: EpisodeDataset, number: int, frames_each: float) -> StreamedEpisode:
    signals = data.signals(number)
    kept = schedule_calls(frames_each, signals.length).seen
    if len(kept) < signals.length:
        place = {frame: index for index, frame in enumerate(kept.tolist())}
        captions = tuple(replace(one, frame=place[one.frame]) for one in signals.captions if one.frame in place)
        arrays = {name: getattr(signals, name)[kept] for name in ("agent_pos", "actions", "executed")}
        signals = replace(signals, **arrays, captions=captions, noise_burst=None, clearance_m=None)
    return StreamedEpisode(signals, data.frames(number, kept.tolist()))


def cached_store(demonstrations: Iterable[Demonstration], folder: Path) -> FrameStore:
    """Open the store in ``folder``; fill it with ``demonstrations`` first if it does not exist.

    Raises:
        InputError: There are no demonstrations.
    """
    return _open_or_fill((StreamedEpisode(each, each.pixels) for each in demonstrations), folder)


def _open_or_fill(episodes: Iterable[StreamedEpisode], folder: Path) -> FrameStore:
    if not folder.is_dir():
        try:
            with create_folder(folder) as partial:
                _fill(episodes, partial)
        except OSError:
            if not folder.is_dir():  # otherwise another process has filled it with the same content
                raise
    return _read(folder)


def _fill(streamed: Iterable[StreamedEpisode], folder: Path) -> None:
    agent_pos: list[np.ndarray] = []
    actions: list[np.ndarray] = []
    episodes: list[EpisodeFrames] = []
    start = 0
    with open(folder / "pixels.bin", "wb") as file:
        for each, frames in streamed:
            for pixels in frames:
                file.write(fit_frame(pixels).tobytes())
            agent_pos.append(np.asarray(each.agent_pos, np.float32))
            actions.append(np.asarray(each.actions, np.float32))
            episodes.append(EpisodeFrames(start, each.length, each.instruction, each.scene, each.captions))
            start += each.length
    if not episodes:
        raise InputError("cannot train on a data set without episodes: record some with 'python -m sim.record'")
    np.save(folder / "agent_pos.npy", np.concatenate(agent_pos))
    np.save(folder / "actions.npy", np.concatenate(actions))
    (folder / "episodes.json").write_text(json.dumps([asdict(episode) for episode in episodes]))


def _read(folder: Path) -> FrameStore:
    actions = np.load(folder / "actions.npy")
    pixels = _PixelFile(folder / "pixels.bin", (len(actions), FRAME_SIZE, FRAME_SIZE, 3)).open()
    episodes = tuple(
        EpisodeFrames(
            start=row["start"],
            length=row["length"],
            instruction=row["instruction"],
            scene=SceneRef(**row["scene"]) if row["scene"] else None,
            captions=tuple(
                FrameCaption(c["frame"], tuple(SeenObject(o["phrase"], tuple(o["box"])) for o in c["objects"]))
                for c in row["captions"]
            ),
        )
        for row in json.loads((folder / "episodes.json").read_text())
    )
    return FrameStore(pixels, np.load(folder / "agent_pos.npy"), actions, episodes, folder.name)


def collect_texts(stores: Sequence[FrameStore]) -> set[str]:
    """Collect every instruction and phrase of some stores, the vocabulary of the tokenizer."""
    episodes = [episode for store in stores for episode in store.episodes]
    phrases = {seen.phrase for episode in episodes for caption in episode.captions for seen in caption.objects}
    return phrases | {episode.instruction for episode in episodes}
