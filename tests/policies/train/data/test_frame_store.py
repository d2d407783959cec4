from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from policies.dataset import DatasetWriter, Demonstration
from policies.dataset.episodes import open_dataset
from policies.dataset.frame_size import resize_frame
from policies.train.data import frame_store
from policies.train.data.frame_store import (
    FRAME_SIZE,
    cached_store,
    collect_texts,
    downsample_2x,
    open_store,
    store_dataset,
)
from scenarios.common.errors import InputError

from ...dataset.foreign import ForeignSet, paint


@given(arrays(np.uint8, st.tuples(st.integers(1, 2), st.just(4), st.just(6), st.just(3))))
def test_downsampling_takes_the_rounded_mean_of_each_block(pixels) -> None:
    blocks = pixels.reshape(len(pixels), 2, 2, 3, 2, 3).astype(float)  # (t, rows, 2, columns, 2, 3)
    assert np.array_equal(downsample_2x(pixels), np.floor(blocks.mean(axis=(2, 4)) + 0.5).astype(np.uint8))


def test_a_store_contains_each_episode_as_it_was_demonstrated(demonstration, tmp_path) -> None:
    given_episodes = [demonstration(0, frames=5), replace(demonstration(1, frames=3), scene=None, captions=())]
    store = cached_store(given_episodes, tmp_path / "store")
    assert store.pixels.shape == (8, FRAME_SIZE, FRAME_SIZE, 3)
    assert [(episode.start, episode.length) for episode in store.episodes] == [(0, 5), (5, 3)]
    for episode, original in zip(store.episodes, given_episodes, strict=True):
        rows = slice(episode.start, episode.start + episode.length)
        assert np.array_equal(store.pixels[rows], downsample_2x(original.pixels))
        assert np.array_equal(store.actions[rows], original.actions)
        assert (episode.instruction, episode.scene) == (original.instruction, original.scene)
        assert episode.captions == original.captions


def test_a_store_is_decoded_once(demonstration, tmp_path) -> None:
    decoded: list[int] = []

    def decode() -> Iterator[Demonstration]:
        decoded.append(1)
        yield demonstration(0, frames=2)

    first, second = (cached_store(decode(), tmp_path / "store") for _ in range(2))
    assert decoded == [1]
    assert first.key == second.key == "store"
    assert np.array_equal(first.pixels, second.pixels)


def test_a_store_that_another_process_fills_first_is_used(demonstration, tmp_path, monkeypatch) -> None:
    def decode() -> Iterator[Demonstration]:
        cached_store([demonstration(0, frames=2)], tmp_path / "store")  # the other process
        yield demonstration(0, frames=2)

    store = cached_store(decode(), tmp_path / "store")
    assert len(store.pixels) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_data_set_without_episodes_is_refused_and_leaves_nothing(tmp_path) -> None:
    with pytest.raises(InputError, match="cannot train on a data set without episodes"):
        cached_store([], tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


def test_other_data_and_another_version_of_the_cache_have_other_keys(demonstration, tmp_path, monkeypatch) -> None:
    for number in range(2):
        with DatasetWriter(tmp_path / f"set-{number}") as writer:
            writer.add(demonstration(number, frames=2))
    keys = [open_store(tmp_path / f"set-{number}", tmp_path / "cache").key for number in (0, 0, 1)]
    monkeypatch.setattr(frame_store, "VERSION", frame_store.VERSION + 1)
    keys.append(open_store(tmp_path / "set-0", tmp_path / "cache").key)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert {path.name for path in (tmp_path / "cache").iterdir()} == set(keys)


def test_the_texts_of_stores_are_their_instructions_and_phrases(demonstration, tmp_path) -> None:
    episode = demonstration(0, frames=2)
    store = cached_store([episode], tmp_path / "store")
    phrases = {seen.phrase for caption in episode.captions for seen in caption.objects}
    assert collect_texts([store, store]) == {episode.instruction} | phrases
    assert json.loads((tmp_path / "store" / "episodes.json").read_text())[0]["instruction"] == episode.instruction


def test_a_store_is_sent_to_another_process_by_the_name_of_its_file(demonstration, tmp_path) -> None:
    store = cached_store([demonstration(i, frames=40) for i in range(4)], tmp_path / "store")
    sent = pickle.dumps(store)
    assert len(sent) < store.pixels.nbytes / 10
    assert np.array_equal(pickle.loads(sent).pixels, store.pixels)
    assert pickle.loads(sent).episodes == store.episodes
    plain = replace(store, pixels=np.array(store.pixels))
    assert np.array_equal(pickle.loads(pickle.dumps(plain)).pixels, store.pixels)


def test_a_foreign_set_is_stored_at_the_policys_rate_in_its_size(tmp_path) -> None:
    foreign = ForeignSet(lengths=(9, 7), fps=30, size=(60, 80))
    root = foreign.write(tmp_path / "set")
    store = store_dataset(open_dataset(root), tmp_path / "cache")
    assert store.pixels.shape == (6, FRAME_SIZE, FRAME_SIZE, 3)
    assert [(episode.start, episode.length) for episode in store.episodes] == [(0, 3), (3, 3)]
    np.testing.assert_allclose(store.actions[:3], foreign.actions(0)[::3], atol=1e-6)
    wanted = resize_frame(paint(0, 3, (60, 80)), (FRAME_SIZE, FRAME_SIZE))
    assert np.abs(store.pixels[1].astype(float) - wanted).mean() < 8.0


def test_a_mapping_changes_the_key_of_a_store(tmp_path) -> None:
    root = ForeignSet(fps=10).write(tmp_path / "set")
    guessed = store_dataset(open_dataset(root), tmp_path / "cache").key
    (tmp_path / "map.yaml").write_text("actions: {signs: {vy: -1}}")
    given = store_dataset(open_dataset(root, tmp_path / "map.yaml"), tmp_path / "cache")
    assert given.key != guessed
    assert given.key.startswith(guessed)
