"""Cloning of data sets that someone already has: split by whole scenes, pretrain if captions are there, clone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from policies.backbones.compact import compact_hybrid, compact_tokenizer, hybrid_on
from policies.hybrid.network import Hybrid
from policies.train.data.caption_samples import captioned_frames
from policies.train.data.frame_store import EpisodeFrames, FrameStore, open_store, texts
from policies.train.loop.run_config import check_folder, keep_plan
from policies.train.recipe import Recipe, pretrain_backbones
from policies.train.tasks.cloning import clone
from scenarios.common.errors import InputError
from scenarios.common.splits import check, split_of

HELD_OUT = 20  # one scene in this many is held out where no data set of the validation split is given


def train_on(
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
    check_folder(out, "--out", resume=resume)
    stores = [open_store(root, cache) for root in roots]
    train, validation = split(stores)
    if not train:
        raise InputError(
            f"nothing is left to train on in {', '.join(map(str, roots))}: all of its scenes are held out to validate"
        )
    options = recipe.cloning
    keep_plan(out, {"data sets": [store.key for store in stores], "init": init, **_lessons(recipe)})
    if init is not None:
        model = Hybrid.from_pretrained(init)
    elif captioned_frames(train):
        tokenizer = compact_tokenizer(texts(train))
        backbones = pretrain_backbones(tokenizer, train, recipe, out, console)
        model = hybrid_on(backbones, options.course.seed)
    else:
        console.print("no captions in these data sets: the backbones start untrained")
        options = replace(options, frozen=())
        model = compact_hybrid(compact_tokenizer(texts(train)), options.course.seed)
    clone(model, train, validation, options, out, resume=resume, console=console, device=recipe.device)
    return model


def _lessons(recipe: Recipe) -> dict[str, Any]:
    return {"clip": asdict(recipe.clip), "kosmos2": asdict(recipe.kosmos2), "cloning": asdict(recipe.cloning)}


def split(stores: Sequence[FrameStore]) -> tuple[list[FrameStore], list[FrameStore]]:
    """Training and validation parts, by whole scenes; test scenes are refused."""
    episodes = [episode for store in stores for episode in store.episodes]
    given = any(e.scene is not None and split_of(e.scene.suite_seed) == "validation" for e in episodes)
    for episode in episodes:
        if episode.scene is not None and split_of(episode.scene.suite_seed) != "validation":
            check("train", episode.scene.suite_seed)

    def validates(episode: EpisodeFrames) -> bool:
        if given:
            return episode.scene is not None and split_of(episode.scene.suite_seed) == "validation"
        key = repr(episode.scene or (episode.instruction, episode.length)).encode()
        return hashlib.sha256(key).digest()[0] % HELD_OUT == 0

    train = [_part(store, [e for e in store.episodes if not validates(e)]) for store in stores]
    validation = [_part(store, [e for e in store.episodes if validates(e)]) for store in stores]
    return [s for s in train if s.episodes], [s for s in validation if s.episodes]


def _part(store: FrameStore, episodes: list[EpisodeFrames]) -> FrameStore:
    return FrameStore(store.pixels, store.actions, tuple(episodes))
