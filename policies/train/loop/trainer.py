"""Training loop of every network: weight averaging, validation, logging, resuming."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from rich.console import Console
from torch import nn

from policies.train.loop.checkpoint import ExponentialMovingAverage, load_training_state, save_training_state
from policies.train.loop.log import EpochLog, format_epoch, show_progress
from policies.train.loop.schedule import warmup_cosine
from scenarios.common.errors import InputError
from scenarios.common.seeding import make_generator

STATE, LOG = "state.pt", "training.csv"
SHOWN_LOSSES = 50  # number of last batches whose mean loss the progress bar shows
BatchT = TypeVar("BatchT")


@dataclass(frozen=True)
class OptimizerConfig:
    """Hyperparameters of the optimisation: AdamW with averaged weights.

    The learning rate warms up over a share of all steps, then decays along a cosine to ``floor``.
    """

    epochs: int
    seed: int = 1000
    learning_rate: float = 4e-4  # at 1e-3, four recurrent layers are no better than a constant for thousands of steps
    floor: float = 0.03
    warmup: float = 0.05
    weight_decay: float = 0.02
    betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float = 1.0
    average_decay: float = 0.99


class TrainingTask(Protocol[BatchT]):
    """A training task: batches and their loss, the error on validation episodes, the checkpoint."""

    @property
    def name(self) -> str: ...

    @property
    def steps(self) -> int:
        """Number of batches per epoch."""

    def batches(self, rng: np.random.Generator) -> Iterator[BatchT]:
        """Yield the batches of one epoch; all random numbers come from ``rng``."""

    def frames(self, batch: BatchT) -> int:
        """Return the number of frames in a batch."""

    def loss(self, batch: BatchT) -> torch.Tensor:
        """Compute the loss, a scalar with gradients."""

    def validate(self) -> list[float]:
        """Compute the MAE of each axis over whole validation episodes; empty without episodes or predicted actions."""

    def save(self, folder: Path) -> None:
        """Write the checkpoint."""


@dataclass(frozen=True)
class EpochResult:
    """Losses and speed of one epoch."""

    losses: list[float]
    """Loss of each batch."""
    frames: int
    """Number of frames trained on."""
    seconds: float

    @property
    def loss(self) -> float:
        """Mean loss."""
        return float(np.mean(self.losses))

    @property
    def speed(self) -> float:
        """Frames per second."""
        return self.frames / self.seconds


def train_epochs(
    model: nn.Module,
    task: TrainingTask[BatchT],
    config: OptimizerConfig,
    out: Path,
    console: Console,
    kept: Mapping[int, Path] | None = None,
) -> list[float]:
    """Train a network, and leave the averaged weights in it and in ``out``.

    An interrupted run resumes from ``out``, with the same result as an uninterrupted one.

    Args:
        model: Changed in place.
        out: Folder for the checkpoint, saved after every epoch, ``training.csv`` and ``state.pt`` (to resume from).
        kept: Folders for further copies of the checkpoint, by the number of completed epochs.

    Returns:
        The validation MAE of each axis after the last epoch.

    Raises:
        InputError: An epoch has no batches, or ``state.pt`` can't be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    optimizer = torch.optim.AdamW(
        parameter_groups(model, config.weight_decay), lr=config.learning_rate, betas=config.betas, fused=True
    )
    average = ExponentialMovingAverage(model, config.average_decay)
    done = load_training_state(out / STATE, model, average, optimizer) if (out / STATE).is_file() else 0
    log = EpochLog(out / LOG, keep=done)
    error: list[float] = []
    for epoch in range(done, config.epochs):
        with show_progress(console, f"{task.name} {epoch + 1}/{config.epochs}", task.steps, error) as show_step:
            result = train_epoch(model, task, _Optimization(optimizer, average, config, epoch), show_step)
        with average.applied_to(model):
            error = task.validate()
            task.save(out)
            if kept and epoch + 1 in kept:
                task.save(kept[epoch + 1])
        log.add_epoch(epoch + 1, result.loss, error, result.seconds, result.speed)
        save_training_state(
            out / STATE, model, average, optimizer, epoch + 1
        )  # last, so that everything before it is complete
        console.print(f"{task.name}: {format_epoch(epoch + 1, config.epochs, result.loss, error, result.speed)}")
    average.copy_to(model)
    model.eval()
    return error or task.validate()


@dataclass(frozen=True)
class _Optimization:
    """Optimizer, weight average and schedule of one epoch."""

    optimizer: torch.optim.Optimizer
    average: ExponentialMovingAverage
    config: OptimizerConfig
    epoch: int

    def learning_rate(self, batch: int, steps: int) -> float:
        """Return the learning rate for a batch of this epoch, which has ``steps`` batches."""
        config, total = self.config, steps * self.config.epochs
        share = warmup_cosine(self.epoch * steps + batch, total, round(config.warmup * total), config.floor)
        return config.learning_rate * share


def train_epoch(
    model: nn.Module, task: TrainingTask[BatchT], optimization: _Optimization, show_step: Callable[[float], None]
) -> EpochResult:
    """Train a network for one epoch, and call ``show_step`` with the mean of the last losses after every batch.

    Raises:
        InputError: The epoch has no batches.
    """
    model.train()
    config, begun, losses, frames = optimization.config, time.monotonic(), [], 0
    for number, batch in enumerate(task.batches(make_generator(config.seed, f"{task.name}/{optimization.epoch}"))):
        rate = optimization.learning_rate(number, task.steps)
        losses.append(step_optimizer(model, task.loss(batch), optimization.optimizer, rate, config.clip_norm))
        optimization.average.update(model)
        frames += task.frames(batch)
        show_step(float(np.mean(losses[-SHOWN_LOSSES:])))
    if not losses:
        raise InputError(f"cannot train {task.name}: its data contains nothing to learn from")
    return EpochResult(losses, frames, time.monotonic() - begun)


def step_optimizer(
    model: nn.Module, loss: torch.Tensor, optimizer: torch.optim.Optimizer, rate: float, norm: float
) -> float:
    """Take one optimizer step at a learning rate and return the loss."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), norm)
    optimizer.step()
    return float(loss.detach())


def parameter_groups(model: nn.Module, decay: float) -> list[dict[str, object]]:
    """Return parameter groups with weight decay for matrices only: not for biases, norms and embeddings."""
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    matrices = [weight for name, weight in trained.items() if weight.ndim > 1 and "embed" not in name]
    held = {id(weight) for weight in matrices}
    others = [weight for weight in trained.values() if id(weight) not in held]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
