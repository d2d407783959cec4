"""The demonstrations that every system learns from: one common set, and the published kind of set for some rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from policies.train.data.frame_store import FrameStore, open_store
from policies.train.recipe import (
    Recipe,
    cloned_hybrid_folder,
    collect_on_policy,
    load_demonstrations,
    load_validation_set,
    run_record_command,
    train_cloned_hybrid,
)
from scenarios.common.splits import TRAIN, VALIDATION, Split, check_split


@dataclass(frozen=True)
class TrainValidationData:
    """What is learned from, and whole episodes of unseen scenes to measure error on."""

    train: list[FrameStore]
    validation: list[FrameStore]


def load_common_demonstrations(recipe: Recipe, work: Path, console: Console) -> TrainValidationData:
    """The expert's episodes of each family, and recoveries: states that the cloned hybrid got itself into.

    The recoveries are the recipe's first DAgger round. Whatever isn't in ``work`` yet is made first.
    """
    expert = load_demonstrations(recipe, work, console)
    train_cloned_hybrid(recipe, work, console)
    recoveries = collect_on_policy(recipe, recipe.rounds[0], cloned_hybrid_folder(work), work, console)
    return TrainValidationData(expert + recoveries, load_validation_set(recipe, work, console))


def load_teleop_first(recipe: Recipe, work: Path, console: Console) -> TrainValidationData:
    """The first records of the published kind of set, whose labels are all zero."""
    return _teleop(recipe, work, console, slice(0, 1))


def load_teleop_rest(recipe: Recipe, work: Path, console: Console) -> TrainValidationData:
    """The published kind of set without each episode's first record."""
    return _teleop(recipe, work, console, slice(1, None))


# By ``SystemRow.data``.
DATA_SETS: dict[str, Callable[[Recipe, Path, Console], TrainValidationData]] = {
    "common": load_common_demonstrations,
    "teleop-first": load_teleop_first,
    "teleop-rest": load_teleop_rest,
}


def select_records(store: FrameStore, part: slice) -> FrameStore:
    """Some consecutive frames of every episode; episodes without any are left out."""
    ranges = [(episode, range(episode.length)[part]) for episode in store.episodes]
    kept = [replace(episode, start=episode.start + r.start, length=len(r)) for episode, r in ranges if len(r)]
    return replace(store, episodes=tuple(kept))


def check_splits(data: TrainValidationData) -> None:
    """Whether nothing is learned from scenes that belong to validation or test, and the other way round.

    Raises:
        InputError: An episode's seed belongs to another split.
    """
    parts: tuple[tuple[Split, Sequence[FrameStore]], ...] = (("train", data.train), ("validation", data.validation))
    for split, stores in parts:
        for seed in {e.scene.suite_seed for store in stores for e in store.episodes if e.scene is not None}:
            check_split(split, seed)


def _teleop(recipe: Recipe, work: Path, console: Console, part: slice) -> TrainValidationData:
    train, validation = (
        [select_records(_teleop_store(recipe, split, seed, work, console), part)]
        for split, seed in (("train", TRAIN.start), ("validation", VALIDATION.start))
    )
    return TrainValidationData(train, validation)


def _teleop_store(recipe: Recipe, split: str, seed: int, work: Path, console: Console) -> FrameStore:
    arguments = ["--set", "teleop", "--split", split, "--seed", str(seed), "--workers", str(recipe.workers)]
    return open_store(run_record_command(work / "data" / f"teleop-{seed}", arguments, console), work / "cache")
