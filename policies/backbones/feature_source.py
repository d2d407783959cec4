"""What every source of features offers: the shared backbones, or a CLIP that a system fine-tunes for itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

import torch
from torch import nn

from policies.backbones.text.prompts import Prompt, PromptEncoder


class FeatureSource(nn.Module, ABC):
    """A network that turns frames and instructions into named features."""

    image_size: int
    """Edge of the pictures that its vision towers take, in pixels."""
    prompts: PromptEncoder
    """From instructions to the token ids that its text towers take."""

    @abstractmethod
    def set_attention_kernel(self, kernel: str) -> None:
        """Choose transformers' attention kernel: on CPUs "eager" trains twice as fast, "sdpa" predicts faster."""

    @abstractmethod
    def text(self, clip_ids: torch.Tensor) -> torch.Tensor:
        """Compute ``clip_text`` of instructions, (n, width): constant in an episode, so worth keeping."""

    @abstractmethod
    def features(
        self, planes: torch.Tensor, prompt: Prompt, names: Collection[str], text: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Compute some of its features by name, each at most once.

        Args:
            planes: (n, 3, image_size, image_size) in [0, 255].
            prompt: n rows.
            text: ``clip_text``, if it is known already.

        Raises:
            ValueError: it has no feature of this name.
        """
