"""The interface of feature sources: the shared backbones, or a CLIP that a system fine-tunes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

import torch
from torch import nn

from policies.backbones.fused.features import FusedFeatures
from policies.backbones.text.prompts import Prompt, PromptEncoder


class FeatureSource(nn.Module, ABC):
    """A network that turns frames and instructions into named features, of the precision of its weights."""

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

    @abstractmethod
    def fuse(self) -> FusedFeatures:
        """Return a network that computes the same features faster, for inference only.

        It shares this network's weights, but doesn't follow later changes of what it computes constants from:
        the embeddings of patches and positions, and the latents' queries.
        """
