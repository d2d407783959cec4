"""Cloning of data sets that someone already has: split by whole scenes, pretrain if captions are there, clone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from policies.backbones.compact import build_compact_tokenizer
from policies.hybrid.build import build_compact_hybrid, build_hybrid_from_backbones
from policies.hybrid.network import Hybrid
from policies.train.data.caption_samples import select_captioned_frames
from policies.train.data.frame_store import EpisodeFrames, FrameStore, collect_texts, open_store
from policies.train.loop.run_config import check_resumable, save_or_verify_config
from policies.train.recipe import Recipe, pretrain_backbones
from policies.train.tasks.cloning import clone_behaviour
from scenarios.common.errors import InputError
from scenarios.common.splits import check_split, split_of

VALIDATION_STRIDE = 20  # one scene in this many is held out where no data set of the validation split is given


def train_on_datasets(
    roots: Sequence[Path],
    out: Path,
    *,
    cache: Path,
    recipe: Recipe,
    init: Path | None,
    resume: bool,
    console: Console,
) -> Hybrid:
    """Train a hybrid on data sets as ``recipe`` trains; the checkpoint stands in ``out``.

    Episodes of validation seeds validate; where there are none, one scene in twenty is held out by its hash.

    Raises:
        InputError: a data set can't be read, holds scenes of the test split, or leaves nothing to train on; or ``out``
            holds something else than the same run's earlier part.
    """
    check_resumable(out, "--out", resume=resume)
    stores = [open_store(root, cache) for root in roots]
    train, validation = split_by_scene(stores)
    if not train:
        raise InputError(
            f"nothing is left to train on in {', '.join(map(str, roots))}: all of its scenes are held out to validate"
        )
    options = recipe.cloning
    save_or_verify_config(
        out, {"data sets": [store.key for store in stores], "init": init, **_training_options(recipe)}
    )
    if init is not None:
        model = Hybrid.from_pretrained(init)
    elif select_captioned_frames(train):
        tokenizer = build_compact_tokenizer(collect_texts(train))
        backbones = pretrain_backbones(tokenizer, train, recipe, out, console)
        model = build_hybrid_from_backbones(backbones, options.course.seed)
    else:
        console.print("no captions in these data sets: the backbones start untrained")
        options = replace(options, frozen=())
        model = build_compact_hybrid(build_compact_tokenizer(collect_texts(train)), options.course.seed)
    clone_behaviour(model, train, validation, options, out, resume=resume, console=console, device=recipe.device)
    return model


def _training_options(recipe: Recipe) -> dict[str, Any]:
    return {"clip": asdict(recipe.clip), "kosmos2": asdict(recipe.kosmos2), "cloning": asdict(recipe.cloning)}


def split_by_scene(stores: Sequence[FrameStore]) -> tuple[list[FrameStore], list[FrameStore]]:
    """Training and validation parts, by whole scenes; test scenes are refused."""
    episodes = [episode for store in stores for episode in store.episodes]
    given = any(e.scene is not None and split_of(e.scene.suite_seed) == "validation" for e in episodes)
    for episode in episodes:
        if episode.scene is not None and split_of(episode.scene.suite_seed) != "validation":
            check_split("train", episode.scene.suite_seed)

    def validates(episode: EpisodeFrames) -> bool:
        if given:
            return episode.scene is not None and split_of(episode.scene.suite_seed) == "validation"
        key = repr(episode.scene or (episode.instruction, episode.length)).encode()
        return hashlib.sha256(key).digest()[0] % VALIDATION_STRIDE == 0

    train = [_select_episodes(store, [e for e in store.episodes if not validates(e)]) for store in stores]
    validation = [_select_episodes(store, [e for e in store.episodes if validates(e)]) for store in stores]
    return [s for s in train if s.episodes], [s for s in validation if s.episodes]


def _select_episodes(store: FrameStore, episodes: list[EpisodeFrames]) -> FrameStore:
    return FrameStore(store.pixels, store.actions, tuple(episodes))
