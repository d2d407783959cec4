"""Pretraining of the compact backbones on captioned demonstrations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from policies.backbones.backbones import Backbones
from policies.backbones.clip import build_clip, compact_clip_config, load_clip
from policies.backbones.compact import (
    build_compact_backbones,
    build_compact_tokenizer,
    copy_pretrained_weights,
    special_token_ids,
)
from policies.backbones.kosmos2 import build_kosmos2, compact_kosmos2_config
from policies.backbones.pretrained import WeightsSource, load_pretrained
from policies.backbones.seeded_weights import seeded_initialisation
from policies.systems.backbone_sources import BACKBONES
from policies.train.data.frame_store import FrameStore, collect_texts
from policies.train.loop.parallel import run_side_by_side
from policies.train.loop.stages import make_folder_once
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.tasks.contrastive import ContrastivePretraining
from policies.train.tasks.grounding import GroundingPretraining
from policies.train.tasks.pretraining import run_pretraining
from policies.transformers_models import CLIPModel, Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase

CLIP, KOSMOS2 = "clip", "kosmos2"  # folders of the complete models


def train_backbones(recipe: Recipe, train: Sequence[FrameStore], run: TrainingRun) -> Backbones:
    """Pretrain both backbones on the demonstrations, or load them from ``run.work`` if they were pretrained before."""
    folder = run.work / BACKBONES
    tokenizer = build_compact_tokenizer(collect_texts(train))
    make_folder_once(folder, lambda out: pretrain_backbones(tokenizer, train, recipe, run).save_pretrained(out))
    return Backbones.from_pretrained(folder)


def pretrain_backbones(
    tokenizer: PreTrainedTokenizerBase, train: Sequence[FrameStore], recipe: Recipe, run: TrainingRun
) -> Backbones:
    """Pretrain compact backbones on the captioned frames of some stores, both side by side.

    Each complete model is saved in ``run.work`` (``clip``, ``kosmos2``; in the format of transformers), and loaded from
    there if it already exists.
    """
    missing = [pretrain for name, pretrain in _PRETRAINING.items() if not (run.work / name).is_dir()]
    run_side_by_side([partial(pretrain, tokenizer, train, recipe, run) for pretrain in missing], run.device)
    clip_source, kosmos2_source = (WeightsSource(str(run.work / name)) for name in (CLIP, KOSMOS2))
    return copy_pretrained_weights(
        build_compact_backbones(tokenizer, recipe.clip.course.seed),
        load_clip(clip_source),
        load_pretrained(Kosmos2ForConditionalGeneration, kosmos2_source),
    )


def _pretrain_kosmos2(
    tokenizer: PreTrainedTokenizerBase, train: Sequence[FrameStore], recipe: Recipe, run: TrainingRun
) -> None:
    _, kosmos2 = _build_fresh(tokenizer, recipe)
    task = GroundingPretraining(kosmos2, tokenizer, train, recipe.kosmos2, run.device)
    make_folder_once(run.work / KOSMOS2, lambda out: run_pretraining(task, out, run))


def _pretrain_clip(
    tokenizer: PreTrainedTokenizerBase, train: Sequence[FrameStore], recipe: Recipe, run: TrainingRun
) -> None:
    clip, _ = _build_fresh(tokenizer, recipe)
    task = ContrastivePretraining(clip, tokenizer, train, recipe.clip, run.device)
    make_folder_once(run.work / CLIP, lambda out: run_pretraining(task, out, run))


def _build_fresh(
    tokenizer: PreTrainedTokenizerBase, recipe: Recipe
) -> tuple[CLIPModel, Kosmos2ForConditionalGeneration]:
    """Build both with fresh weights, which come from one seed in this order."""
    ids = special_token_ids(tokenizer)
    with seeded_initialisation(recipe.clip.course.seed):
        return build_clip(compact_clip_config(**ids)), build_kosmos2(compact_kosmos2_config(**ids))


# The longer one first.
_PRETRAINING = {KOSMOS2: _pretrain_kosmos2, CLIP: _pretrain_clip}
