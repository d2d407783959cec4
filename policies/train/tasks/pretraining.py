"""Pretraining of both backbones on randomly sampled captioned frames, in the common training loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import nn

from policies.train.data.caption_samples import AugmentedSample, augment_sample, select_captioned_frames
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import Augmentation, apply_colour_jitter
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.loop.training_run import TrainingRun
from policies.transformers_models import PreTrainedModel
from scenarios.common.errors import InputError

PretrainBatchT = TypeVar("PretrainBatchT")


@dataclass(frozen=True)
class PretrainOptions:
    """Options for pretraining.

    Attributes:
        steps: Batches per epoch.
        batch: Pictures per batch.
        course: Optimisation; a run can be resumed after each epoch.
        augmentation: Augmentation of the pictures.
    """

    steps: int
    batch: int = 96
    course: OptimizerConfig = field(
        default_factory=lambda: OptimizerConfig(
            epochs=8, learning_rate=1.5e-3, floor=0.0, warmup=0.08, betas=(0.9, 0.98)
        )
    )
    # Shifts of more than half a patch: with smaller ones, shapes are memorised at their positions in the patches.
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(shift_px=8))


class Pretraining(ABC, Generic[PretrainBatchT]):
    """Training task of a backbone on captioned frames; see ``policies.train.loop.trainer.TrainingTask``.

    Args:
        backbone: The model to train and save.
        stores: The data; frames without a caption are ignored.

    Attributes:
        trained_module: The backbone with the heads that its losses need, which are not saved.

    Raises:
        InputError: There are no captioned frames.
    """

    name: str
    trained_module: nn.Module

    def __init__(self, backbone: PreTrainedModel, stores: Sequence[FrameStore], options: PretrainOptions) -> None:
        self.backbone, self.options = backbone, options
        self._stores, self.samples = stores, select_captioned_frames(stores)
        if not self.samples:
            raise InputError(
                f"cannot pretrain {self.name}: these data sets contain no captions (record them with the expert)"
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
        """Make a batch of some pictures; all random numbers come from ``rng``."""

    @abstractmethod
    def loss(self, batch: PretrainBatchT) -> torch.Tensor:
        """Compute the loss, a scalar with gradients."""

    def frames(self, batch: PretrainBatchT) -> int:
        return self.options.batch

    def validate(self) -> list[float]:
        return []

    def save(self, folder: Path) -> None:
        self.backbone.save_pretrained(folder)


def run_pretraining(task: Pretraining[PretrainBatchT], out: Path, run: TrainingRun) -> None:
    """Train a backbone in place, on the run's device, and move it back to the CPU.

    ``out`` is the folder for the complete model, in the format of transformers, and the state to resume from.
    """
    train_epochs(task.trained_module.to(run.device), task, task.options.course, out, run.console)
    task.trained_module.cpu()


def stack_planes(pictures: Sequence[AugmentedSample]) -> torch.Tensor:
    """Stack pictures with their colour jitter applied, (n, 3, s, s) float32 in [0, 255]."""
    return apply_colour_jitter([entry.planes for entry in pictures], [entry.jitter for entry in pictures])
