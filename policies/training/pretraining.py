"""The loop that both backbones are pretrained with: batches of pictures, a loss, one learning-rate arch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import nn

from policies.training.captions import Picture, Sample, picture
from policies.training.frames import FrameStore
from policies.training.schedule import arch
from policies.training.windows import Augmentation, recoloured
from scenarios.errors import InputError
from scenarios.seeding import generator


@dataclass(frozen=True)
class PretrainOptions:
    """How to pretrain. The learning rate rises over ``warmup`` of the steps, then falls along a cosine to 0."""

    steps: int
    batch: int = 192
    seed: int = 1000
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: float = 0.08
    clip_norm: float = 1.0
    # Moved by more than half a patch: from smaller shifts, shapes are learned by heart where they lie in their patches.
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(shift_px=8))


def pretrain(
    name: str,
    model: nn.Module,
    loss_of: Callable[[list[Picture], np.random.Generator], torch.Tensor],
    stores: Sequence[FrameStore],
    samples: Sequence[Sample],
    options: PretrainOptions,
    console: Console,
    device: torch.device,
) -> list[float]:
    """Minimise ``loss_of`` over augmented pictures drawn at random; the loss of every step.

    ``model`` is brought to ``device`` for it, and back.

    Raises:
        InputError: there are no captioned frames.
    """
    if not samples:
        raise InputError(
            f"{name} can't be pretrained: no frame of these data sets is captioned (record with the expert)"
        )
    rng = generator(options.seed, f"pretrain/{name}")
    model.to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay, betas=(0.9, 0.98), fused=True
    )
    model.train()
    begun, losses = time.monotonic(), []
    warm = max(1, int(options.warmup * options.steps))
    for step in track(range(options.steps), name, console=console, transient=True, disable=not console.is_terminal):
        chosen = rng.integers(len(samples), size=options.batch)
        pictures = [picture(stores, samples[i], options.augmentation, rng) for i in chosen]
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * arch(step, options.steps, warm)
        loss = loss_of(pictures, rng)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm)
        optimizer.step()
        losses.append(float(loss.detach()))
        if (step + 1) % max(1, options.steps // 8) == 0:
            speed = (step + 1) * options.batch / (time.monotonic() - begun)
            recent = float(np.mean(losses[-max(1, options.steps // 8) :]))
            console.print(f"{name}: step {step + 1}/{options.steps}, loss {recent:.3f}, {speed:.0f} frames/s")
    model.cpu().eval()
    return losses


def padded_length(longest: int) -> int:
    """The next multiple of 8: the CPU's kernels are made anew for each new shape, at a cost above a step's."""
    return -(-longest // 8) * 8


def planes_of(pictures: Sequence[Picture]) -> torch.Tensor:
    """(n, 3, s, s) float32 in [0, 255]."""
    return recoloured([entry.planes for entry in pictures], [entry.look for entry in pictures])
