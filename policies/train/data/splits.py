"""Splits into training and validation episodes, by whole scenes, and selections of records."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from policies.train.data.frame_store import EpisodeFrames, FrameStore
from scenarios.common.splits import Split, check_split, split_of

VALIDATION_STRIDE = 20  # one scene in this many is held out if there are no validation seeds


@dataclass(frozen=True)
class TrainValidationData:
    """Training episodes, and whole validation episodes of other scenes."""

    train: list[FrameStore]
    validation: list[FrameStore]


def select_records(store: FrameStore, part: slice) -> FrameStore:
    """Select the same slice of frames from every episode; omit episodes without any."""
    ranges = [(episode, range(episode.length)[part]) for episode in store.episodes]
    kept = [replace(episode, start=episode.start + r.start, length=len(r)) for episode, r in ranges if len(r)]
    return replace(store, episodes=tuple(kept))


def check_splits(data: TrainValidationData) -> None:
    """Check that all training scenes have training seeds, and all validation scenes validation seeds.

    Raises:
        InputError: An episode's seed belongs to another split.
    """
    parts: tuple[tuple[Split, Sequence[FrameStore]], ...] = (("train", data.train), ("validation", data.validation))
    for split, stores in parts:
        for seed in {e.scene.suite_seed for store in stores for e in store.episodes if e.scene is not None}:
            check_split(split, seed)


def split_by_scene(stores: Sequence[FrameStore]) -> TrainValidationData:
    """Split data sets into training and validation by whole scenes.

    Episodes with validation seeds validate; if there are none, one scene in twenty is held out by its hash.

    Raises:
        InputError: A scene belongs to the test split.
    """
    episodes = [episode for store in stores for episode in store.episodes]
    for episode in episodes:
        if episode.scene is not None and not is_of_validation_split(episode):
            check_split("train", episode.scene.suite_seed)
    validates = is_of_validation_split if any(map(is_of_validation_split, episodes)) else is_held_out
    return TrainValidationData(
        _select_episodes(stores, lambda episode: not validates(episode)), _select_episodes(stores, validates)
    )


def is_of_validation_split(episode: EpisodeFrames) -> bool:
    """Return whether an episode's seed belongs to the validation split."""
    return episode.scene is not None and split_of(episode.scene.suite_seed) == "validation"


def is_held_out(episode: EpisodeFrames) -> bool:
    """Return whether an episode is held out when there are no validation seeds; equal for all drives of a scene."""
    scene = repr(episode.scene or (episode.instruction, episode.length)).encode()
    return hashlib.sha256(scene).digest()[0] % VALIDATION_STRIDE == 0


def _select_episodes(stores: Sequence[FrameStore], wanted: Callable[[EpisodeFrames], bool]) -> list[FrameStore]:
    """Select the wanted episodes of each store; omit stores without any."""
    parts = [replace(store, episodes=tuple(filter(wanted, store.episodes)), key="") for store in stores]
    return [part for part in parts if part.episodes]
