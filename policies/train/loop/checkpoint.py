"""Resumable training state: weights, their moving average, the optimizer, and the number of completed epochs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import nn

from scenarios.common.errors import InputError
from scenarios.common.files import replace_file


class ExponentialMovingAverage:
    """Exponential moving average of a model's weights, which becomes the final model.

    Statistics that layers collect of their inputs are averaged with the weights that they belong to.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.values = {name: weight.detach().clone() for name, weight in _iterate_weights(model)}

    def update(self, model: nn.Module) -> None:
        """Update the average with the weights of one step; the decay grows, to forget the initial weights quickly."""
        self.steps += 1
        keep = min(self.decay, (1.0 + self.steps) / (10.0 + self.steps))
        with torch.no_grad():
            for name, weight in _iterate_weights(model):
                self.values[name].lerp_(weight, 1.0 - keep)

    def copy_to(self, model: nn.Module) -> None:
        """Set a model's weights to their average."""
        _set_weights(model, self.values)

    @contextmanager
    def applied_to(self, model: nn.Module) -> Iterator[None]:
        """Put a model into evaluation mode with averaged weights; restore its own weights afterwards."""
        own = {name: weight.detach().clone() for name, weight in _iterate_weights(model)}
        self.copy_to(model)
        model.eval()
        yield
        _set_weights(model, own)


def _iterate_weights(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield all parameters and statistics, by name."""
    yield from model.named_parameters()
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point():
            yield name, buffer


def _set_weights(model: nn.Module, values: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, weight in _iterate_weights(model):
            weight.copy_(values[name])


def save_training_state(
    path: Path, model: nn.Module, average: ExponentialMovingAverage, optimizer: torch.optim.Optimizer, epoch: int
) -> None:
    """Save everything that a resumed run needs, atomically.

    Random numbers depend only on the seed and the epoch, so no generator's state is saved.
    """
    state = {
        "model": model.state_dict(),
        "average": average.values,
        "steps": average.steps,
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
    }
    with replace_file(path) as partial:
        torch.save(state, partial)


def load_training_state(
    path: Path, model: nn.Module, average: ExponentialMovingAverage, optimizer: torch.optim.Optimizer
) -> int:
    """Restore a saved state and return the number of completed epochs.

    Raises:
        InputError: The file is damaged or belongs to another model.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        if missing := average.values.keys() - state["average"].keys():
            raise KeyError(f"no average of {min(missing)}")
        average.values = {name: value.to(average.values[name].device) for name, value in state["average"].items()}
        average.steps = state["steps"]
        optimizer.load_state_dict(state["optimizer"])
        epoch: int = state["epoch"]
    except (OSError, RuntimeError, KeyError, ValueError, EOFError, UnpicklingError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"cannot read training state {path}: {reason}; delete it to train from scratch") from error
    return epoch
