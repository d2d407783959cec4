"""The interface of feature sources: the shared backbones, or a CLIP that a system fine-tunes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

import torch
from torch import nn

from policies.backbones.text.prompts import Prompt, PromptEncoder


def match_precision(values: torch.Tensor, tower: nn.Module) -> torch.Tensor:
    """Convert values to the number format of a tower's weights."""
    dtype = next(tower.parameters()).dtype
    return values if values.dtype == dtype else values.to(dtype)


def to_float32(feature: torch.Tensor) -> torch.Tensor:
    """Convert a feature to float32, whatever the precision of its tower."""
    return feature if feature.dtype == torch.float32 else feature.to(torch.float32)


class FeatureSource(nn.Module, ABC):
    """A network that turns frames and instructions into named float32 features; its weights may be less precise."""

    image_size: int
    """Edge length of the square pictures that its vision towers take, in pixels."""
    prompts: PromptEncoder
    """Encodes instructions as the token ids that its text towers take."""

    @abstractmethod
    def set_attention_kernel(self, kernel: str) -> None:
        """Choose transformers' attention kernel: on CPUs "eager" trains twice as fast, "sdpa" predicts faster."""

    @abstractmethod
    def text(self, clip_ids: torch.Tensor) -> torch.Tensor:
        """Compute ``clip_text`` of instructions, (n, width). It is constant during an episode, so it can be cached."""

    @abstractmethod
    def features(
        self, planes: torch.Tensor, prompt: Prompt, names: Collection[str], text: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Compute some of its features by name, each at most once.

        Args:
            planes: (n, 3, image_size, image_size) in [0, 255].
            prompt: The prompts of n instructions.
            text: ``clip_text`` (n, width) if it was computed before.

        Raises:
            ValueError: It has no feature of one of these names.
        """
