"""Both backbones are pretrained in the loop of all training: they learn, alike for equal seeds, and can be resumed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console
from transformers import PreTrainedModel

from policies.backbones.clip import build_clip
from policies.backbones.compact import special_token_ids
from policies.backbones.kosmos2 import build_kosmos2
from policies.backbones.seeded_weights import seeded_initialisation
from policies.train.loop.trainer import OptimizerConfig
from policies.train.tasks.contrastive import ContrastivePretraining
from policies.train.tasks.grounding import GroundingPretraining
from policies.train.tasks.pretraining import PretrainOptions, run_pretraining
from scenarios.common.errors import InputError

from ..interruption import StopError, StoppingConsole
from ..small_models import small_clip_config, small_kosmos2_config

pytestmark = pytest.mark.slow  # trains networks

Train = Callable[..., PreTrainedModel]


@pytest.fixture(params=["clip", "kosmos2"])
def train(request, tokenizer, data, make_run) -> Train:
    """Train a backbone with the weights of seed 1 into a folder."""
    build, config, pretraining = {
        "clip": (build_clip, small_clip_config, ContrastivePretraining),
        "kosmos2": (build_kosmos2, small_kosmos2_config, GroundingPretraining),
    }[request.param]

    def trained(out: Path, *, seed: int = 1000, stores=data.train, console: Console | None = None) -> PreTrainedModel:
        with seeded_initialisation(1):
            model = build(config(**special_token_ids(tokenizer)))
        options = PretrainOptions(steps=4, batch=8, course=OptimizerConfig(epochs=3, seed=seed, learning_rate=1e-3))
        run = make_run(out, console)
        run_pretraining(pretraining(model, tokenizer, stores, options, run.device), out, run)
        return model

    return trained


def _equal(one: PreTrainedModel, other: PreTrainedModel) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_the_loss_falls_and_every_epoch_is_logged(train, tmp_path) -> None:
    train(tmp_path)
    with (tmp_path / "training.csv").open() as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert len(losses) == 3
    assert losses[2] < losses[1] < losses[0]


def test_equal_seeds_train_equal_weights_and_others_do_not(train, tmp_path) -> None:
    torch.manual_seed(5)
    first = train(tmp_path / "first")
    torch.manual_seed(6)  # what was drawn before, and elsewhere, plays no part
    assert _equal(first, train(tmp_path / "second"))
    assert not _equal(first, train(tmp_path / "third", seed=1001))


def test_a_resumed_run_ends_where_an_unbroken_one_does(train, tmp_path) -> None:
    whole = train(tmp_path / "whole")
    with pytest.raises(StopError):
        train(tmp_path / "parts", console=StoppingConsole("epoch 1/"))
    assert _equal(whole, train(tmp_path / "parts"))


def test_the_folder_contains_the_backbone_that_was_trained(train, tmp_path) -> None:
    model = train(tmp_path)
    loaded = type(model).from_pretrained(tmp_path)
    assert _equal(model, loaded)


def test_frames_without_captions_are_refused(train, tmp_path) -> None:
    with pytest.raises(InputError, match=r"cannot pretrain .*: these data sets contain no captions"):
        train(tmp_path, stores=[])
