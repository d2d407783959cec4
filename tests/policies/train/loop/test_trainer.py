from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import nn

from policies.train.loop.trainer import OptimizerConfig, parameter_groups, train_epochs
from scenarios.common.errors import InputError

from ..interruption import StopError, StoppingConsole

CONFIG = OptimizerConfig(epochs=3, learning_rate=0.05)


class _Line:
    """Learn that y = x."""

    name, steps = "line", 20

    def __init__(self, count: int = 20) -> None:
        torch.manual_seed(0)
        self.model, self.count = nn.Linear(1, 1), count
        self.saved: list[float] = []

    def batches(self, rng: np.random.Generator) -> Iterator[torch.Tensor]:
        return (torch.from_numpy(rng.normal(size=(8, 1)).astype(np.float32)) for _ in range(self.count))

    def frames(self, batch: torch.Tensor) -> int:
        return len(batch)

    def loss(self, batch: torch.Tensor) -> torch.Tensor:
        assert self.model.training
        return nn.functional.mse_loss(self.model(batch), batch)

    def validate(self) -> list[float]:
        assert not self.model.training
        return [abs(self.model.weight.item() - 1.0)]

    def save(self, folder: Path) -> None:
        self.saved.append(self.model.weight.item())


def _train(task: _Line, out: Path, console: Console | None = None) -> list[float]:
    return train_epochs(task.model, task, CONFIG, out, console or Console(file=io.StringIO()))


def test_copies_are_kept_after_the_epochs_asked_for(tmp_path) -> None:
    task, saved = _Line(), []
    task.save = lambda folder: saved.append((folder.name, task.model.weight.item()))
    kept = {1: tmp_path / "first", 3: tmp_path / "third"}
    train_epochs(task.model, task, CONFIG, tmp_path / "out", Console(file=io.StringIO()), kept)
    assert [name for name, _ in saved] == ["out", "first", "out", "out", "third"]
    assert saved[0][1] == saved[1][1]
    assert saved[1][1] != saved[4][1] == task.model.weight.item()


def test_training_lowers_the_error_and_leaves_the_averaged_weights_that_it_saved(tmp_path) -> None:
    task = _Line()
    before = abs(task.model.weight.item() - 1.0)
    (after,) = _train(task, tmp_path)
    assert after < 0.5 * before
    assert len(task.saved) == CONFIG.epochs
    assert task.saved[-1] == task.model.weight.item()


def test_a_stopped_run_ends_where_an_unbroken_one_does_and_a_complete_one_is_not_repeated(tmp_path) -> None:
    whole, parts = _Line(), _Line()
    _train(whole, tmp_path / "whole")
    with pytest.raises(StopError):
        _train(parts, tmp_path / "parts", StoppingConsole("epoch 1/"))
    resumed = _Line()
    _train(resumed, tmp_path / "parts")
    assert torch.equal(whole.model.weight, resumed.model.weight)
    assert len(parts.saved) + len(resumed.saved) == CONFIG.epochs
    again = _Line()
    _train(again, tmp_path / "parts")
    assert torch.equal(again.model.weight, whole.model.weight)
    assert again.saved == []


def test_an_epoch_without_a_batch_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="cannot train line: its data contains nothing to learn from"):
        _train(_Line(count=0), tmp_path)


def test_only_matrices_that_are_trained_and_no_embeddings_decay() -> None:
    model = nn.ModuleDict({"linear": nn.Linear(2, 2), "embed": nn.Embedding(3, 2), "frozen": nn.Linear(2, 2)})
    model["frozen"].requires_grad_(False)
    decayed, others = parameter_groups(model, 0.02)
    assert [id(weight) for weight in decayed["params"]] == [id(model["linear"].weight)]
    assert {id(weight) for weight in others["params"]} == {id(model["linear"].bias), id(model["embed"].weight)}
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.02, 0.0)
