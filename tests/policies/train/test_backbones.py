from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import CLIPModel, Kosmos2ForConditionalGeneration

from policies.train.backbones import pretrain_backbones, train_backbones
from policies.train.data.frame_store import cached_store
from policies.train.loop.trainer import OptimizerConfig
from policies.train.recipe import Recipe
from policies.train.tasks.pretraining import PretrainOptions

pytestmark = pytest.mark.usefixtures("small_networks")


def _recipe(seed: int = 1000) -> Recipe:
    short = PretrainOptions(steps=1, batch=4, course=OptimizerConfig(epochs=1, seed=seed))
    return replace(Recipe(), clip=short, kosmos2=short)


def _equal(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.fixture
def pretrain(tokenizer, data, make_run, tmp_path):
    """Pretrain both backbones in a folder of a name, one step each."""

    def pretrained(name: str, seed: int = 1000):
        return pretrain_backbones(tokenizer, data.train, _recipe(seed), make_run(tmp_path / name))

    return pretrained


def test_the_backbones_are_both_pretrained_models_which_are_saved_whole(pretrain, tmp_path) -> None:
    backbones = pretrain("run")
    clip = CLIPModel.from_pretrained(tmp_path / "run" / "clip")
    kosmos2 = Kosmos2ForConditionalGeneration.from_pretrained(tmp_path / "run" / "kosmos2")
    assert _equal(backbones.clip_vision, clip.vision_model)
    assert _equal(backbones.clip_text, clip.text_model)
    assert _equal(backbones.kosmos2.vision_model, kosmos2.vision_model)
    assert _equal(backbones.kosmos2.image_to_text_projection, kosmos2.image_to_text_projection)


def test_equal_seeds_give_equal_backbones_and_others_do_not(pretrain) -> None:
    first = pretrain("first")
    assert _equal(first, pretrain("second"))
    assert not _equal(first, pretrain("third", seed=1001))


def _times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_backbone_that_exists_is_not_trained_again(pretrain, tmp_path) -> None:
    first, times = pretrain("run"), _times(tmp_path / "run")
    assert _equal(first, pretrain("run", seed=1001))
    assert _times(tmp_path / "run") == times


def test_a_runs_backbones_are_saved_once_and_know_every_word_of_its_data(demonstration, make_run, tmp_path) -> None:
    episode = replace(demonstration(0, frames=3), instruction="drive to the xylophone")
    stores, run = [cached_store([episode], tmp_path / "store")], make_run(tmp_path / "run")
    first, times = train_backbones(_recipe(), stores, run), _times(run.work)
    assert _equal(first, train_backbones(_recipe(), stores, run))
    assert _times(run.work) == times
    tokenizer = first.prompts.clip
    assert tokenizer.unk_token_id in tokenizer("marimba", add_special_tokens=False).input_ids
    assert tokenizer.unk_token_id not in tokenizer("drive to the xylophone", add_special_tokens=False).input_ids
