"""How both backbones are pretrained: pictures drawn at random from captioned frames, in the loop of all training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel

from policies.train.data.caption_samples import AugmentedSample, augment_sample, select_captioned_frames
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import Augmentation, apply_colour_jitter
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.loop.training_run import TrainingRun
from scenarios.common.errors import InputError

PretrainBatchT = TypeVar("PretrainBatchT")


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
    course: OptimizerConfig = field(
        default_factory=lambda: OptimizerConfig(
            epochs=8, learning_rate=1.5e-3, floor=0.0, warmup=0.08, betas=(0.9, 0.98)
        )
    )
    # Moved by more than half a patch: from smaller shifts, shapes are learned by heart where they lie in their patches.
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(shift_px=8))


class Pretraining(ABC, Generic[PretrainBatchT]):
    """What a backbone learns from captioned frames; ``policies.train.loop.trainer.TrainingTask``.

    Args:
        backbone: What is kept.
        stores: Where its pictures come from; frames without a caption are passed over.

    Attributes:
        trained_module: The backbone with the heads that its losses need, which are dropped afterwards.

    Raises:
        InputError: there are no captioned frames.
    """

    name: str
    trained_module: nn.Module

    def __init__(self, backbone: PreTrainedModel, stores: Sequence[FrameStore], options: PretrainOptions) -> None:
        self.backbone, self.options = backbone, options
        self._stores, self.samples = stores, select_captioned_frames(stores)
        if not self.samples:
            raise InputError(
                f"{self.name} can't be pretrained: no frame of these data sets is captioned (record with the expert)"
            )

    @property
    def steps(self) -> int:
        return self.options.steps

    def batches(self, rng: np.random.Generator) -> Iterator[PretrainBatchT]:
        for _ in range(self.steps):
            chosen = rng.integers(len(self.samples), size=self.options.batch)
            pictures = [augment_sample(self._stores, self.samples[i], self.options.augmentation, rng) for i in chosen]
            yield self.make_batch(pictures, rng)

    @abstractmethod
    def make_batch(self, pictures: list[AugmentedSample], rng: np.random.Generator) -> PretrainBatchT:
        """What is asked of some pictures; every draw is from ``rng``."""

    @abstractmethod
    def loss(self, batch: PretrainBatchT) -> torch.Tensor:
        """A scalar with gradients."""

    def frames(self, batch: PretrainBatchT) -> int:
        return self.options.batch

    def validate(self) -> list[float]:
        return []

    def save(self, folder: Path) -> None:
        self.backbone.save_pretrained(folder)


def run_pretraining(task: Pretraining[PretrainBatchT], out: Path, run: TrainingRun) -> None:
    """Train a backbone in place, brought to the run's device for it and back.

    ``out`` gets it whole, as transformers saves it, and what a run needs that goes on from there.
    """
    train_epochs(task.trained_module.to(run.device), task, task.options.course, out, run.console)
    task.trained_module.cpu()


def stack_planes(pictures: Sequence[AugmentedSample]) -> torch.Tensor:
    """Stack pictures as they are to look, (n, 3, s, s) float32 in [0, 255]."""
    return apply_colour_jitter([entry.planes for entry in pictures], [entry.jitter for entry in pictures])
