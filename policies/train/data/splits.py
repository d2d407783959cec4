"""Which episodes are learned from and which measure the error: parts of stores, by records and by whole scenes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from policies.train.data.frame_store import EpisodeFrames, FrameStore
from scenarios.common.splits import Split, check_split, split_of

VALIDATION_STRIDE = 20  # one scene in this many is held out where no data set of the validation split is given


@dataclass(frozen=True)
class TrainValidationData:
    """What is learned from, and whole episodes of unseen scenes to measure the error on."""

    train: list[FrameStore]
    validation: list[FrameStore]


def select_records(store: FrameStore, part: slice) -> FrameStore:
    """Select some consecutive frames of every episode; episodes without any are left out."""
    ranges = [(episode, range(episode.length)[part]) for episode in store.episodes]
    kept = [replace(episode, start=episode.start + r.start, length=len(r)) for episode, r in ranges if len(r)]
    return replace(store, episodes=tuple(kept))


def check_splits(data: TrainValidationData) -> None:
    """Check that nothing is learned from scenes of validation or test, and the other way round.

    Raises:
        InputError: An episode's seed belongs to another split.
    """
    parts: tuple[tuple[Split, Sequence[FrameStore]], ...] = (("train", data.train), ("validation", data.validation))
    for split, stores in parts:
        for seed in {e.scene.suite_seed for store in stores for e in store.episodes if e.scene is not None}:
            check_split(split, seed)


def split_by_scene(stores: Sequence[FrameStore]) -> TrainValidationData:
    """Split data sets into training and validation by whole scenes.

    Episodes of validation seeds validate; where there are none, one scene in twenty is held out by its hash.

    Raises:
        InputError: There are scenes of the test split.
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
    """Whether an episode's seed belongs to the validation split."""
    return episode.scene is not None and split_of(episode.scene.suite_seed) == "validation"


def is_held_out(episode: EpisodeFrames) -> bool:
    """Whether an episode is one of the few that validate where no seeds do; the same for all drives of a scene."""
    scene = repr(episode.scene or (episode.instruction, episode.length)).encode()
    return hashlib.sha256(scene).digest()[0] % VALIDATION_STRIDE == 0


def _select_episodes(stores: Sequence[FrameStore], wanted: Callable[[EpisodeFrames], bool]) -> list[FrameStore]:
    """The wanted episodes of each store; stores without any are left out."""
    parts = [FrameStore(store.pixels, store.actions, tuple(filter(wanted, store.episodes))) for store in stores]
    return [part for part in parts if part.episodes]
