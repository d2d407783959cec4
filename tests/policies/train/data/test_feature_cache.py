from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from policies.dataset import DatasetWriter
from policies.train.data.feature_cache import (
    BATCH,
    SAMPLE_STRIDE,
    compute_cache_keys,
    load_feature_set,
    subsample_features,
)
from policies.train.data.frame_store import FrameStore, cached_store, open_store

CPU = torch.device("cpu")
NAMES = ("clip_vision", "clip_text", "kosmos2_tokens", "kosmos2_text")


@pytest.fixture(scope="module")
def store(demonstration, tmp_path_factory):
    torch.set_num_threads(1)
    lengths = (BATCH + 3, 7, 12)  # an episode longer than a batch, and batches across episodes
    return cached_store((demonstration(i, frames=n) for i, n in enumerate(lengths)), tmp_path_factory.mktemp("c") / "s")


@pytest.fixture
def run(make_run, tmp_path):
    return make_run(tmp_path / "work")


def test_cached_features_are_those_of_each_frame_with_its_own_instruction(backbones, store, run) -> None:
    part = replace(store, episodes=store.episodes[1:])  # rows begin anew
    cached = load_feature_set(backbones, part, NAMES, run)
    for number, (episode, original) in enumerate(zip(cached.episodes, part.episodes, strict=True)):
        rows = slice(original.start, original.start + original.length)
        planes = torch.from_numpy(store.pixels[rows].transpose(0, 3, 1, 2).copy()).float()
        prompt = backbones.prompts.encode([original.instruction] * original.length)
        with torch.inference_mode():
            expected = backbones.features(planes, prompt, NAMES)
        found = {name: value[episode.start : episode.start + episode.length] for name, value in cached.features.items()}
        found["clip_text"] = np.repeat(cached.features["clip_text"][number : number + 1], original.length, axis=0)
        for name in NAMES:
            scale = float(expected[name].abs().mean())
            assert np.abs(found[name] - expected[name].numpy()).mean() < 0.03 * scale, name
        assert np.array_equal(cached.actions[episode.start : episode.start + episode.length], store.actions[rows])


def _first(store: FrameStore, episodes: int) -> FrameStore:
    return replace(store, episodes=store.episodes[:episodes])


def test_a_sample_for_statistics_comes_from_all_sets(backbones, store, run) -> None:
    sets = [load_feature_set(backbones, _first(store, n), ("kosmos2_tokens",), run) for n in (1, 3)]
    (found,) = subsample_features(sets, ("kosmos2_tokens",)).values()
    whole = [part.features["kosmos2_tokens"] for part in sets]
    assert found.dtype == torch.float32
    assert len(found) == sum(-(-len(part) // SAMPLE_STRIDE) for part in whole)
    assert np.array_equal(
        found[-1].numpy(), whole[1][(len(whole[1]) - 1) // SAMPLE_STRIDE * SAMPLE_STRIDE].astype(np.float32)
    )


def test_what_is_cached_is_not_computed_again(backbones, store, run, monkeypatch) -> None:
    part = _first(store, 1)
    once = load_feature_set(backbones, part, ("clip_vision",), run)
    files = sorted((run.cache / "features").iterdir())
    monkeypatch.setattr("policies.train.data.feature_cache._compute", None)  # calling it would fail
    again = load_feature_set(backbones, part, ("clip_vision",), run)
    assert np.array_equal(once.features["clip_vision"], again.features["clip_vision"])
    assert sorted((run.cache / "features").iterdir()) == files
    assert [file.suffix for file in files] == [".npy"]


def _key(backbones, store, device=CPU) -> str:
    return compute_cache_keys(backbones, store, ["clip_vision"], device)["clip_vision"]


def test_every_cause_changes_the_key(backbones, store, monkeypatch) -> None:
    weights, prompts, config = copy.deepcopy(backbones), copy.deepcopy(backbones), copy.deepcopy(backbones)
    with torch.no_grad():
        next(weights.kosmos2.parameters()).view(-1)[0] += 1e-3
    prompts.prompts.length -= 1
    config.config = replace(config.config, clip={**config.config.clip, "projection_dim": 1})
    renamed = replace(store.episodes[0], instruction="drive to the blue ball")
    found = [
        _key(backbones, store),
        *(_key(changed, store) for changed in (weights, prompts, config)),
        *(_key(backbones, changed) for changed in (_first(store, 2), replace(store, key="other"))),
        _key(backbones, replace(store, episodes=(renamed, *store.episodes[1:]))),
        compute_cache_keys(backbones, store, ["clip_text"], CPU)["clip_text"],
    ]
    assert _key(copy.deepcopy(backbones), store) == found[0]
    for name, value in {"has_fast_bfloat16": lambda device: True, "VERSION": -1}.items():
        monkeypatch.setattr(f"policies.train.data.feature_cache.{name}", value)
        found.append(_key(backbones, store))
        monkeypatch.undo()
    monkeypatch.setattr("policies.train.data.feature_cache.has_fast_bfloat16", lambda device: False)
    found.append(_key(backbones, store))
    assert len(set(found)) == len(found) - 1  # this machine computes in one of the two precisions


def test_a_changed_frame_has_another_key(backbones, demonstration, tmp_path) -> None:
    found = []
    for name, value in {"one": 0, "same": 0, "other": 255}.items():
        driven = demonstration(0, frames=3)
        driven.pixels[1, :40, :40] = value
        with DatasetWriter(tmp_path / name) as writer:
            writer.add(driven)
        found.append(_key(backbones, open_store(tmp_path / name, tmp_path / "cache")))
    assert found[0] == found[1] != found[2]
