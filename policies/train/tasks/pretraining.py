"""How both backbones are pretrained: pictures drawn at random from captioned frames, in the loop of all training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from rich.console import Console
from torch import nn
from transformers import PreTrainedModel

from policies.train.data.caption_samples import Picture, captioned_frames, picture
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import Augmentation, recoloured
from policies.train.loop.trainer import Course, train_epochs
from scenarios.common.errors import InputError

LessonT = TypeVar("LessonT")


@dataclass(frozen=True)
class PretrainOptions:
    """How to pretrain.

    Attributes:
        course: How to optimise; after each of its epochs a run can be resumed.
        steps: Batches in such an epoch.
        batch: Pictures in a batch.
    """

    steps: int
    batch: int = 96
    course: Course = field(
        default_factory=lambda: Course(epochs=8, learning_rate=1.5e-3, floor=0.0, warmup=0.08, betas=(0.9, 0.98))
    )
    # Moved by more than half a patch: from smaller shifts, shapes are learned by heart where they lie in their patches.
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(shift_px=8))


class Pretraining(ABC, Generic[LessonT]):
    """What a backbone learns from captioned frames; ``policies.train.loop.trainer.Task``.

    Args:
        backbone: What is kept.
        stores: Where its pictures come from; frames without a caption are passed over.

    Attributes:
        taught: The backbone with the heads that its lessons need, which are dropped afterwards.

    Raises:
        InputError: there are no captioned frames.
    """

    name: str
    taught: nn.Module

    def __init__(self, backbone: PreTrainedModel, stores: Sequence[FrameStore], options: PretrainOptions) -> None:
        self.backbone, self.options = backbone, options
        self._stores, self.samples = stores, captioned_frames(stores)
        if not self.samples:
            raise InputError(
                f"{self.name} can't be pretrained: no frame of these data sets is captioned (record with the expert)"
            )

    @property
    def steps(self) -> int:
        return self.options.steps

    def batches(self, rng: np.random.Generator) -> Iterator[LessonT]:
        for _ in range(self.steps):
            chosen = rng.integers(len(self.samples), size=self.options.batch)
            pictures = [picture(self._stores, self.samples[i], self.options.augmentation, rng) for i in chosen]
            yield self.lesson(pictures, rng)

    @abstractmethod
    def lesson(self, pictures: list[Picture], rng: np.random.Generator) -> LessonT:
        """What is asked of some pictures; every draw is from ``rng``."""

    @abstractmethod
    def loss(self, batch: LessonT) -> torch.Tensor:
        """A scalar with gradients."""

    def frames(self, batch: LessonT) -> int:
        return self.options.batch

    def validate(self) -> list[float]:
        return []

    def save(self, folder: Path) -> None:
        self.backbone.save_pretrained(folder)


def pretrain(task: Pretraining[LessonT], out: Path, console: Console, device: torch.device) -> None:
    """Train a backbone in place, brought to ``device`` for it and back; ``out`` gets it whole, as transformers saves
    it, and what a run needs that goes on from there."""
    train_epochs(task.taught.to(device), task, task.options.course, out, resume=True, console=console)
    task.taught.cpu()


def padded_length(longest: int) -> int:
    """The next multiple of 8: the CPU's kernels are made anew for each new shape, at a cost above a step's."""
    return -(-longest // 8) * 8


def planes_of(pictures: Sequence[Picture]) -> torch.Tensor:
    """(n, 3, s, s) float32 in [0, 255]."""
    return recoloured([entry.planes for entry in pictures], [entry.look for entry in pictures])
