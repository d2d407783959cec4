"""Cloning of data sets that someone already has: split by whole scenes, pretrain if captions are there, clone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from policies.compact import compact_hybrid, compact_tokenizer, hybrid_on
from policies.hybrid import Hybrid
from policies.training.captions import captioned_frames
from policies.training.cloning import clone
from policies.training.frames import EpisodeFrames, FrameStore, open_store, texts
from policies.training.recipe import Recipe, pretrain_backbones
from scenarios.errors import InputError
from scenarios.splits import check, split_of

EARLIER = ("state.pt", "clip", "clip.partial", "kosmos2", "kosmos2.partial")  # what a run leaves in its folder
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
        InputError: a data set can't be read, or holds scenes of the test split.
    """
    if not resume and any((out / part).exists() for part in EARLIER):
        raise InputError(f"'{out}' holds an earlier run: go on with it by --resume, or name another --out")
    train, validation = split([open_store(root, cache) for root in roots])
    options = recipe.cloning
    if init is not None:
        model = Hybrid.from_pretrained(init)
    elif resume and (out / "config.json").is_file():
        model = Hybrid.from_pretrained(out)
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
