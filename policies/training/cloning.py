"""Behaviour cloning through time: windows of frames in, the demonstrated actions out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import nn

from policies.hybrid import Hybrid
from policies.training.checkpoint import Average, load_state, save_state
from policies.training.epochs import optimise, parameter_groups
from policies.training.frames import FrameStore
from policies.training.log import AXES, EpochLog, progress, sentence
from policies.training.precision import HalfTrunk, bfloat16_pays
from policies.training.pretraining import padded_length
from policies.training.schedule import arch
from policies.training.windows import Augmentation, Batch, batches
from scenarios.seeding import generator


@dataclass(frozen=True)
class CloneOptions:
    """How to clone. The learning rate warms up, then falls along a cosine to ``floor`` of its peak."""

    epochs: int = 6
    seed: int = 1000
    windows: tuple[int, ...] = (8, 16, 32)  # frames of 0.1 s; drives are longer, but a memory of 3 s lasts
    frames_per_batch: int = 160
    warm: int = 4
    warm_weight: float = 0.3
    learning_rate: float = 1e-3
    floor: float = 0.03
    warmup_steps: int = 100
    weight_decay: float = 0.02
    clip_norm: float = 1.0
    average_decay: float = 0.99
    huber: float = 0.1  # error beyond which the loss is linear
    frozen: tuple[str, ...] = ("backbones",)  # kept as pretrained: cloning would unlearn where words point, and CLIP
    augmentation: Augmentation = field(default_factory=Augmentation)


class _Trunk(nn.Module):
    """The per-frame part of a hybrid, over windows: (b * t) frames and b instructions to features."""

    def __init__(self, model: Hybrid) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, planes: torch.Tensor, clip_ids: torch.Tensor, kosmos2_ids: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        times = len(planes) // len(lengths)
        text = self.model.text(clip_ids).repeat_interleave(times, dim=0)
        ids, lengths = kosmos2_ids.repeat_interleave(times, dim=0), lengths.repeat_interleave(times)
        return self.model.fuse(planes, text, ids, lengths)


def clone(
    model: Hybrid,
    train: Sequence[FrameStore],
    validation: Sequence[FrameStore],
    options: CloneOptions,
    out: Path,
    *,
    resume: bool = False,
    console: Console | None = None,
) -> list[float]:
    """Train a hybrid and leave its averaged weights in it and in ``out``.

    Args:
        model: Changed in place.
        out: Gets the checkpoint after every epoch, ``training.csv`` and ``state.pt`` (what a resume needs).
        resume: Go on from ``state.pt`` where there is one; the result is the same as without the interruption.

    Returns:
        The validation MAE of each axis (vx, vy, wz) after the last epoch; empty without validation data.
    """
    console = console or Console(stderr=True)
    out.mkdir(parents=True, exist_ok=True)
    for name in options.frozen:
        model.get_submodule(name).requires_grad_(False)
    trunk = HalfTrunk(_Trunk(model), bfloat16_pays())
    optimizer = torch.optim.AdamW(parameter_groups(model, options.weight_decay), lr=options.learning_rate, fused=True)
    average = Average(model, options.average_decay)
    done = load_state(out / "state.pt", model, average, optimizer) if resume and (out / "state.pt").is_file() else 0
    steps = _steps(train, options)
    error: list[float] = []
    log = EpochLog(out / "training.csv", keep=done)
    for epoch in range(done, options.epochs):
        model.train()
        begun, losses, frames = time.monotonic(), [], 0
        rng = generator(options.seed, f"clone/{epoch}")
        label, last = f"epoch {epoch + 1}/{options.epochs}", f"{np.mean(error):.4f}" if error else "-"
        with progress(console, label, steps, last) as (bar, task):
            for number, batch in enumerate(_batches(train, options, rng)):
                rise = arch(epoch * steps + number, steps * options.epochs, options.warmup_steps, options.floor)
                rate = options.learning_rate * rise
                losses.append(_step(model, trunk, optimizer, batch, rate, options))
                average.update(model)
                frames += batch.weights.size
                bar.update(task, advance=1, loss=f"{np.mean(losses[-50:]):.4f}")
        seconds = time.monotonic() - begun
        save_state(out / "state.pt", model, average, optimizer, epoch + 1)
        live = {name: weight.detach().clone() for name, weight in model.named_parameters()}
        average.copy_to(model)
        error = validate(model, validation)
        model.save_pretrained(out)
        if epoch + 1 < options.epochs:
            with torch.no_grad():
                for name, weight in model.named_parameters():
                    weight.copy_(live[name])
        log.row(epoch + 1, float(np.mean(losses)), error, seconds, frames / seconds)
        console.print(sentence(epoch + 1, options.epochs, float(np.mean(losses)), error, frames / seconds))
    if done >= options.epochs:
        average.copy_to(model)
        error = validate(model, validation)
    model.requires_grad_(True).eval()
    return error


def validate(model: Hybrid, stores: Sequence[FrameStore]) -> list[float]:
    """MAE of each axis over whole episodes, driven through from an empty memory; empty if there are none."""
    model.eval()
    errors: list[np.ndarray] = []
    with torch.inference_mode():
        for store in stores:
            for episode in store.episodes:
                rows = slice(episode.start, episode.start + episode.length)
                planes = torch.from_numpy(np.ascontiguousarray(store.pixels[rows].transpose(0, 3, 1, 2))).float()
                prompt = model.prompts.encode([episode.instruction])
                count = episode.length
                text = model.text(prompt.clip).expand(count, -1)
                fused = model.fuse(planes, text, prompt.kosmos2.expand(count, -1), prompt.lengths.expand(count))
                actions = model.head(fused[None], model.initial_state(1)).actions[0].numpy()
                errors.append(np.abs(actions - store.actions[rows]))
    return [float(value) for value in np.concatenate(errors).mean(axis=0)] if errors else []


def _step(
    model: Hybrid,
    trunk: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    rate: float,
    options: CloneOptions,
) -> float:
    b, t = batch.weights.shape
    prompt = model.prompts.encode(batch.instructions)
    longest = min(padded_length(int(prompt.lengths.max())), model.config.prompt_length)  # causal: changes no answer
    fused = trunk(batch.planes, prompt.clip[:, :longest], prompt.kosmos2[:, :longest], prompt.lengths)
    answer = model.head(fused.view(b, t, -1), model.initial_state(b)).actions
    weights = torch.from_numpy(batch.weights)[..., None]
    target = torch.from_numpy(batch.actions)
    errors = nn.functional.smooth_l1_loss(answer, target, beta=options.huber, reduction="none")
    loss = (errors * weights).sum() / (weights.sum() * len(AXES))
    return optimise(model, loss, optimizer, rate, options.clip_norm)


def _batches(train: Sequence[FrameStore], options: CloneOptions, rng: np.random.Generator) -> Iterator[Batch]:
    return batches(
        train,
        lengths=options.windows,
        frames=options.frames_per_batch,
        warm=options.warm,
        warm_weight=options.warm_weight,
        augmentation=options.augmentation,
        rng=rng,
    )


def _steps(train: Sequence[FrameStore], options: CloneOptions) -> int:
    """Batches in an epoch, about: how episodes are cut varies."""
    frames = sum(episode.length for store in train for episode in store.episodes)
    return max(1, round(frames / options.frames_per_batch))
