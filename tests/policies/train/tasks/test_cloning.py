from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from policies.hybrid.network import Hybrid
from policies.train.loop.trainer import OptimizerConfig
from policies.train.tasks.cloning import CloneOptions, clone_behaviour, validate_hybrid
from scenarios.common.errors import InputError

from ..interruption import StopError, StoppingConsole
from ..small_models import build_small_hybrid

OPTIONS = CloneOptions(OptimizerConfig(epochs=2, learning_rate=1e-3), windows=(6, 9), frames_per_batch=24, warm=1)


@pytest.fixture
def clone(tokenizer, data, make_run):
    """Clone a fresh hybrid into a folder."""

    def cloned(out: Path, options: CloneOptions = OPTIONS, console: Console | None = None) -> Hybrid:
        model = build_small_hybrid(tokenizer, seed=1)
        clone_behaviour(model, data, options, out, make_run(out, console))
        return model

    return cloned


def test_cloning_learns_and_leaves_what_it_learned_in_the_folder(tokenizer, data, clone, tmp_path) -> None:
    before = np.mean(validate_hybrid(build_small_hybrid(tokenizer, seed=1), data.validation))
    options = CloneOptions(OptimizerConfig(epochs=5, learning_rate=1e-3), windows=(6,), frames_per_batch=24)
    model = clone(tmp_path, options)
    after = np.mean(validate_hybrid(model, data.validation))
    assert after < 0.9 * before
    saved = np.mean(validate_hybrid(Hybrid.from_pretrained(tmp_path), data.validation))
    assert saved == pytest.approx(after, abs=2e-3)
    rows = (tmp_path / "training.csv").read_text().splitlines()
    assert rows[0].startswith("epoch,loss,mae")
    assert len(rows) == 6


@pytest.mark.parametrize("frozen", [("backbones",), ("backbones.kosmos2",)])
def test_a_frozen_part_stays_as_it_was_and_all_others_learn(frozen, tokenizer, clone, tmp_path) -> None:
    fresh = build_small_hybrid(tokenizer, seed=1)
    model = clone(tmp_path, replace(OPTIONS, frozen=frozen))
    changed = [
        name
        for (name, before), after in zip(fresh.named_parameters(), model.parameters(), strict=True)
        if not torch.equal(before, after)
    ]
    assert not [name for name in changed if name.startswith(frozen)]
    for part in ("backbones.clip_vision", "backbones.clip_text", "memory", "action", "kosmos2_places"):
        assert part.startswith(frozen) or any(name.startswith(part) for name in changed)
    assert all(weight.requires_grad for weight in model.parameters())


def test_a_resumed_run_ends_where_an_unbroken_one_does(clone, tmp_path) -> None:
    whole = clone(tmp_path / "whole")
    with pytest.raises(StopError):
        clone(tmp_path / "parts", console=StoppingConsole("epoch 1/"))
    resumed = clone(tmp_path / "parts")
    for (name, one), (_, other) in zip(whole.named_parameters(), resumed.named_parameters(), strict=True):
        assert torch.equal(one, other), name


@pytest.mark.parametrize("damaged", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_state_is_one_sentence(damaged, clone, tmp_path) -> None:
    (tmp_path / "state.pt").write_bytes(damaged)
    with pytest.raises(InputError, match=r"cannot read training state .*state\.pt: .*; delete it"):
        clone(tmp_path)


def test_an_epoch_without_data_is_refused_and_leaves_no_checkpoint(tokenizer, data, make_run, tmp_path) -> None:
    model = build_small_hybrid(tokenizer, seed=1)
    with pytest.raises(InputError, match="cannot train clone: its data contains nothing to learn from"):
        clone_behaviour(model, replace(data, train=[]), OPTIONS, tmp_path, make_run(tmp_path))
    assert not (tmp_path / "model.safetensors").exists()
