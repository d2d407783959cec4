"""A run that trains on the CPU and prints nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from policies.train.collection import RecipeRun
from policies.train.loop.training_run import TrainingRun


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
