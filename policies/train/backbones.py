"""Pretraining of the compact backbones on captioned demonstrations."""

from __future__ import annotations

from collections.abc import Sequence

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
from policies.train.loop.stages import make_folder_once
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.tasks.contrastive import ContrastivePretraining
from policies.train.tasks.grounding import GroundingPretraining
from policies.train.tasks.pretraining import run_pretraining
from policies.transformers_models import Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase


def train_backbones(recipe: Recipe, train: Sequence[FrameStore], run: TrainingRun) -> Backbones:
    """Pretrain both backbones on the demonstrations, or load them from ``run.work`` if they were pretrained before."""
    folder = run.work / BACKBONES
    tokenizer = build_compact_tokenizer(collect_texts(train))
    make_folder_once(folder, lambda out: pretrain_backbones(tokenizer, train, recipe, run).save_pretrained(out))
    return Backbones.from_pretrained(folder)


def pretrain_backbones(
    tokenizer: PreTrainedTokenizerBase, train: Sequence[FrameStore], recipe: Recipe, run: TrainingRun
) -> Backbones:
    """Pretrain compact backbones on the captioned frames of some stores.

    Each complete model is saved in ``run.work`` (``clip``, ``kosmos2``; in the format of transformers), and loaded from
    there if it already exists.
    """
    clip_folder, kosmos2_folder = run.work / "clip", run.work / "kosmos2"
    ids, seed = special_token_ids(tokenizer), recipe.clip.course.seed
    with seeded_initialisation(seed):
        clip, kosmos2 = build_clip(compact_clip_config(**ids)), build_kosmos2(compact_kosmos2_config(**ids))
    make_folder_once(
        kosmos2_folder,
        lambda out: run_pretraining(
            GroundingPretraining(kosmos2, tokenizer, train, recipe.kosmos2, run.device), out, run
        ),
    )
    make_folder_once(
        clip_folder,
        lambda out: run_pretraining(ContrastivePretraining(clip, tokenizer, train, recipe.clip, run.device), out, run),
    )
    trained = load_pretrained(Kosmos2ForConditionalGeneration, WeightsSource(str(kosmos2_folder)))
    return copy_pretrained_weights(
        build_compact_backbones(tokenizer, seed), load_clip(WeightsSource(str(clip_folder))), trained
    )
