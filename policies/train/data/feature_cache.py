"""Features of frozen backbones, computed once per frame and cached in half-precision memory maps for random access.

Each feature of a store is one file, named by a hash of everything that it depends on: the backbones' weights, the
preprocessing, the data, the prompts' token ids, the precision it was computed in, and its own name. So a change of any
of these never reads an old file. A file gets its name only when it is complete.
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
from policies.train.data.prefetch import prefetch_results
from policies.train.loop.precision import has_fast_bfloat16
from policies.train.loop.training_run import TrainingRun
from scenarios.common.errors import InputError
from scenarios.common.files import temporary_path

VERSION = 1  # of the cache; increase it when the computation of features from frames changes
BATCH = 128  # frames; small enough for the caches of a CPU
SAMPLE_STRIDE = 8  # for statistics, as neighbouring frames are similar
PER_EPISODE = ("clip_text",)  # constant in an episode, so stored once per episode


@dataclass(frozen=True)
class FeatureSet:
    """Features of all frames of some episodes.

    Attributes:
        features: Name -> (n, ...) float16 memory map, one row per frame; for ``PER_EPISODE`` one row per episode.
        actions: (n, 3) float32: the actions to imitate.
        episodes: The rows of each episode.
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
    """Load features of a store's episodes from the run's cache; compute the missing ones first.

    Raises:
        InputError: The store has no key, which the names of cached files need.
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
    """Return every ``SAMPLE_STRIDE``-th row of the named features over all sets, (n, ...) float32."""
    rows = {name: [part.features[name][::SAMPLE_STRIDE] for part in sets] for name in names}
    return {name: torch.from_numpy(np.concatenate(parts)).float() for name, parts in rows.items()}


def compute_cache_keys(
    backbones: Backbones, store: FrameStore, names: Collection[str], device: torch.device
) -> dict[str, str]:
    """Compute the hash that names the file of each feature.

    Raises:
        InputError: The store has no key.
    """
    if not store.key:
        raise InputError("cannot cache features of frames without a key: open them with open_store or cached_store")
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
    """Return the rows in the store of all frames of some episodes, in order."""
    return np.concatenate([np.arange(episode.start, episode.start + episode.length) for episode in episodes])


def _compute(backbones: Backbones, store: FrameStore, paths: dict[str, Path], run: TrainingRun) -> None:
    """Write one file per name; all get their final names together, when they are complete."""
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
    run.console.print(f"computed {', '.join(paths)} of {count} frames ({store.key}): {speed:.0f} frames/s")


def _compute_each(
    model: Backbones,
    store: FrameStore,
    prompts: Prompt,
    paths: dict[str, Path],
    run: TrainingRun,
) -> None:
    """Write the features that differ between the frames of an episode, batch by batch."""
    rows = _rows(store.episodes)
    owner = np.repeat(np.arange(len(store.episodes)), [episode.length for episode in store.episodes])

    def compute(part: slice) -> dict[str, np.ndarray]:
        pixels = np.ascontiguousarray(store.pixels[rows[part]].transpose(0, 3, 1, 2))
        prompt = Prompt(*(ids[owner[part]].to(run.device) for ids in prompts))
        with torch.inference_mode():
            found = model.features(torch.from_numpy(pixels).to(run.device, torch.float32), prompt, list(paths))
            return {name: _half(value) for name, value in found.items()}

    maps: dict[str, np.memmap] = {}
    parts = [slice(first, first + BATCH) for first in range(0, len(rows), BATCH)]
    shown = track(parts, "features", console=run.console, transient=True, disable=not run.console.is_terminal)
    for part, found in prefetch_results(iter(shown), compute):
        for name, value in found.items():
            if name not in maps:
                shape = (len(rows), *value.shape[1:])
                maps[name] = np.lib.format.open_memmap(paths[name], mode="w+", dtype=np.float16, shape=shape)
            maps[name][part] = value
    for mapped in maps.values():
        mapped.flush()


def _half(value: torch.Tensor) -> np.ndarray:
    return value.to(torch.float16).cpu().numpy()
