"""Training computes on the device that it is told to, shown without one: on torch's meta device, which holds shapes.

An operation that meets a tensor left on the CPU raises there as it would on a GPU. Only at the end, where the network
is saved or brought back, is it missed that there were no numbers.
"""

from __future__ import annotations

import io

import pytest
import torch
import torch.fx.experimental._config
from rich.console import Console

from policies.backbones.clip import build_clip, compact_clip_config
from policies.backbones.kosmos2 import build_kosmos2, compact_kosmos2_config
from policies.compact import compact_hybrid, token_ids
from policies.training.cloning import CloneOptions, clone
from policies.training.contrastive import train_clip
from policies.training.epochs import Course
from policies.training.frames import cached_store
from policies.training.grounding import train_kosmos2
from policies.training.pretraining import PretrainOptions

META = torch.device("meta")
OPTIONS = PretrainOptions(steps=2, batch=8, course=Course(epochs=1))
CONSOLE = Console(file=io.StringIO())
BROUGHT_BACK = pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor")


@pytest.fixture(autouse=True)
def _without_numbers(monkeypatch):
    monkeypatch.setattr(torch.fx.experimental._config, "meta_nonzero_assume_all_nonzero", True, raising=False)
    monkeypatch.setattr(torch.Tensor, "__float__", lambda _: 0.0)
    adamw = torch.optim.AdamW
    monkeypatch.setattr(torch.optim, "AdamW", lambda *a, **k: adamw(*a, **{**k, "fused": False}))


@pytest.fixture
def stores(demonstration, tmp_path):
    return [cached_store((demonstration(i) for i in range(3)), tmp_path / "cache")]


def test_cloning(hybrid, stores, tmp_path) -> None:
    model, options = compact_hybrid(hybrid.prompts.kosmos2, seed=1), CloneOptions(Course(epochs=1), windows=(6,))
    with BROUGHT_BACK:
        clone(model, stores, [], options, tmp_path / "out", console=CONSOLE, device=META)


def test_kosmos2(hybrid, stores, tmp_path) -> None:
    tokenizer = hybrid.prompts.kosmos2
    model = build_kosmos2(compact_kosmos2_config(**token_ids(tokenizer)))
    with BROUGHT_BACK:
        train_kosmos2(model, tokenizer, stores, OPTIONS, tmp_path / "out", CONSOLE, META)


def test_clip(hybrid, stores, tmp_path) -> None:
    tokenizer = hybrid.prompts.kosmos2
    model = build_clip(compact_clip_config(**token_ids(tokenizer)))
    with BROUGHT_BACK:
        train_clip(model, tokenizer, stores, OPTIONS, tmp_path / "out", CONSOLE, META)
