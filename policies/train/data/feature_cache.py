"""Features of frozen backbones, computed once for every frame and read at random from half-precision memory maps.

Each feature of a store is one file, named by a hash of everything that it depends on: the backbones' weights, the
preprocessing, the data, the prompts' token ids, the precision it was computed in, and its own name. So a changed cause
never meets an old file; a file appears under its name only when it is complete.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from rich.progress import track

from policies.backbones.backbones import Backbones
from policies.backbones.text.prompts import Prompt, trim_prompts
from policies.train.data.frame_store import EpisodeFrames, FrameStore
from policies.train.loop.precision import has_fast_bfloat16
from policies.train.loop.training_run import TrainingRun
from scenarios.common.errors import InputError
from scenarios.common.files import temporary_path

VERSION = 1  # of what is stored here; raise it when what lies between frames and features changes
BATCH = 128  # frames; small enough for the caches of a CPU
SAMPLE_STRIDE = 8  # for statistics: frames beside each other are alike
PER_EPISODE = ("clip_text",)  # constant in an episode, so stored once for each


@dataclass(frozen=True)
class FeatureSet:
    """Features of all frames of some episodes.

    Attributes:
        features: Name -> (n, ...) float16 memory map, a row a frame; for ``PER_EPISODE`` a row an episode.
        actions: (n, 3) float32: what to imitate.
        episodes: Where each lies in the rows.
    """

    features: dict[str, np.ndarray]
    actions: np.ndarray
    episodes: tuple[EpisodeFrames, ...]


def load_feature_set(
    backbones: Backbones,
    store: FrameStore,
    names: Collection[str],
    run: TrainingRun,
) -> FeatureSet:
    """Load some features of a store's episodes from the run's cache, or compute them into it.

    Raises:
        InputError: the store has no key, so nothing could be kept of it under a safe name.
    """
    cache, keys = run.cache / "features", compute_cache_keys(backbones, store, names, run.device)
    paths = {name: cache / f"{name}-{key}.npy" for name, key in keys.items()}
    missing = [name for name, path in paths.items() if not path.is_file()]
    if missing:
        cache.mkdir(parents=True, exist_ok=True)
        _compute(backbones, store, {name: paths[name] for name in missing}, run)
    starts = np.cumsum([0, *(episode.length for episode in store.episodes)])
    return FeatureSet(
        {name: np.load(path, mmap_mode="r") for name, path in paths.items()},
        store.actions[_rows(store.episodes)],
        tuple(replace(episode, start=int(start)) for episode, start in zip(store.episodes, starts, strict=False)),
    )


def subsample_features(sets: Sequence[FeatureSet], names: Collection[str]) -> dict[str, torch.Tensor]:
    """Return every ``SAMPLE_STRIDE``-th row of some features of all sets, (n, ...) float32."""
    rows = {name: [part.features[name][::SAMPLE_STRIDE] for part in sets] for name in names}
    return {name: torch.from_numpy(np.concatenate(parts)).float() for name, parts in rows.items()}


def compute_cache_keys(
    backbones: Backbones, store: FrameStore, names: Collection[str], device: torch.device
) -> dict[str, str]:
    """Compute the hash that each feature's file is named by."""
    if not store.key:
        raise InputError("frames without a key can't have cached features: open them with open_store or cached_store")
    shared = hashlib.sha256(json.dumps(asdict(backbones.config), sort_keys=True, default=str).encode())
    for weight, value in sorted(backbones.state_dict().items()):
        shared.update(weight.encode())
        shared.update(value.detach().cpu().contiguous().numpy().tobytes())
    shared.update(f"{store.key}/{[(e.start, e.length) for e in store.episodes]}/{VERSION}/{_dtype(device)}".encode())
    for ids in backbones.prompts.encode([episode.instruction for episode in store.episodes]):
        shared.update(ids.numpy().tobytes())
    return {name: hashlib.sha256(shared.digest() + name.encode()).hexdigest()[:32] for name in names}


def _dtype(device: torch.device) -> torch.dtype:
    return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32


def _rows(episodes: Sequence[EpisodeFrames]) -> np.ndarray:
    """Of all frames of some episodes in their store, in order."""
    return np.concatenate([np.arange(episode.start, episode.start + episode.length) for episode in episodes])


def _compute(backbones: Backbones, store: FrameStore, paths: dict[str, Path], run: TrainingRun) -> None:
    """Write one file for each name; none appears before all are complete."""
    model = copy.deepcopy(backbones).to(run.device, _dtype(run.device)).eval()
    model.set_attention_kernel("sdpa")
    instructions = [episode.instruction for episode in store.episodes]
    prompts = trim_prompts(backbones.prompts.encode(instructions), backbones.prompts.length)
    partial = {name: temporary_path(path) for name, path in paths.items()}
    whole = [name for name in paths if name in PER_EPISODE]
    each = [name for name in paths if name not in PER_EPISODE]
    begun = time.monotonic()
    with torch.inference_mode():
        for name in whole:
            rows = [model.text(prompts.clip[i : i + BATCH].to(run.device)) for i in range(0, len(prompts.clip), BATCH)]
            with open(partial[name], "wb") as file:
                np.save(file, _half(torch.cat(rows)))
        if each:
            _compute_each(model, store, prompts, {name: partial[name] for name in each}, run)
    for name, path in paths.items():
        partial[name].replace(path)
    count = sum(episode.length for episode in store.episodes)
    speed = count / (time.monotonic() - begun)
    run.console.print(f"features {', '.join(paths)} of {count} frames ({store.key}): {speed:.0f} frames/s")


def _compute_each(
    model: Backbones,
    store: FrameStore,
    prompts: Prompt,
    paths: dict[str, Path],
    run: TrainingRun,
) -> None:
    """Write the features that differ from frame to frame, batch by batch."""
    rows = _rows(store.episodes)
    owner = np.repeat(np.arange(len(store.episodes)), [episode.length for episode in store.episodes])
    maps: dict[str, np.memmap] = {}
    firsts = range(0, len(rows), BATCH)
    for first in track(firsts, "features", console=run.console, transient=True, disable=not run.console.is_terminal):
        part = slice(first, first + BATCH)
        pixels = np.ascontiguousarray(store.pixels[rows[part]].transpose(0, 3, 1, 2))
        prompt = Prompt(*(ids[owner[part]].to(run.device) for ids in prompts))
        found = model.features(torch.from_numpy(pixels).to(run.device, torch.float32), prompt, list(paths))
        for name, value in found.items():
            if name not in maps:
                shape = (len(rows), *value.shape[1:])
                maps[name] = np.lib.format.open_memmap(paths[name], mode="w+", dtype=np.float16, shape=shape)
            maps[name][part] = _half(value)
    for mapped in maps.values():
        mapped.flush()


def _half(value: torch.Tensor) -> np.ndarray:
    return value.to(torch.float16).cpu().numpy()
