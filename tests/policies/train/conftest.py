"""Demonstrations, networks and runs that train in a moment, on the CPU and without printing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from rich.console import Console

from policies.backbones.backbones import Backbones
from policies.backbones.compact import build_compact_tokenizer
from policies.train.collection import RecipeRun
from policies.train.data.frame_store import cached_store, collect_texts
from policies.train.data.splits import TrainValidationData
from policies.train.loop.training_run import TrainingRun

from .small_models import build_small_backbones, small_clip_config, small_kosmos2_config


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Nothing trains in other processes, where what a test replaces is not replaced."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_run() -> Callable[..., TrainingRun]:
    """Make a run in a folder, its cache beside it."""

    def make(work: Path, console: Console | None = None, device: str = "cpu") -> TrainingRun:
        return TrainingRun(work, work.parent / "cache", torch.device(device), console or Console(file=io.StringIO()))

    return make


@pytest.fixture
def recipe_run(tmp_path) -> RecipeRun:
    """A run whose collector must not be called."""

    def refuse(*_: object) -> None:
        raise AssertionError("nothing is to be recorded")

    work, console = tmp_path / "work", Console(file=io.StringIO())
    return RecipeRun(work, work / "cache", torch.device("cpu"), console, refuse)


@pytest.fixture(scope="session")
def data(demonstration, tmp_path_factory) -> TrainValidationData:
    """Four training episodes and two validation episodes; tests leave them as they are."""
    folder = tmp_path_factory.mktemp("data")
    train = cached_store((demonstration(i) for i in range(4)), folder / "train")
    unseen = cached_store((demonstration(i, seed=2000) for i in range(2)), folder / "validation")
    return TrainValidationData([train], [unseen])


@pytest.fixture(scope="session")
def tokenizer(data):
    """A tokenizer that knows the words of ``data``."""
    return build_compact_tokenizer(collect_texts(data.train))


@pytest.fixture(scope="session")
def backbones(tokenizer) -> Backbones:
    """Small backbones with fresh weights; tests leave them as they are."""
    torch.set_num_threads(1)
    return build_small_backbones(tokenizer)


@pytest.fixture(scope="module")
def small_networks() -> Iterator[None]:
    """Build small networks wherever the recipe builds compact ones."""
    with pytest.MonkeyPatch.context() as patched:
        for module in ("policies.backbones.compact", "policies.hybrid.build", "policies.train.backbones"):
            patched.setattr(f"{module}.compact_clip_config", small_clip_config)
            patched.setattr(f"{module}.compact_kosmos2_config", small_kosmos2_config)
        yield
