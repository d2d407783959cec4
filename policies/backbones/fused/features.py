"""Features of frames for inference, in fewer, larger operations than those of ``FeatureSource.features``."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import nn

from policies.backbones.fused.decoder import FusedDecoder
from policies.backbones.fused.vision_tower import FusedVisionTower
from policies.backbones.preprocessing import average_blocks, to_float32
from policies.backbones.text.prompts import Prompt


class FusedFeatures(nn.Module):
    """Computes features of camera frames.

    Args:
        image_size: Edge length of the pictures that the towers take, in pixels.
        clip: CLIP's vision tower, for ``clip_*``.
        kosmos2: Kosmos-2's vision tower, for ``kosmos2_*``.
        decoder: Its decoder, for ``kosmos2_text`` and ``kosmos2_pointing``.
    """

    def __init__(
        self,
        image_size: int,
        clip: FusedVisionTower | None = None,
        kosmos2: FusedVisionTower | None = None,
        decoder: FusedDecoder | None = None,
    ) -> None:
        super().__init__()
        self.image_size, self.clip, self.kosmos2, self.decoder = image_size, clip, kosmos2, decoder

    def forward(
        self, pixels: torch.Tensor, prompt: Prompt, names: Collection[str], text: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Compute features by name.

        Args:
            pixels: (n, H, H, 3) uint8.
            prompt: The prompts of n instructions.
            names: Names as in ``FeatureSource.features``.
            text: ``clip_text`` (n, width).
        """
        means = average_blocks(pixels, self.image_size)
        found = {"clip_text": text}
        if self.clip is not None and {"clip_vision", "clip_tokens"} & set(names):
            found["clip_tokens"] = self.clip(means)
            found["clip_vision"] = found["clip_tokens"][:, 0]
        if self.kosmos2 is not None and any(name.startswith("kosmos2") for name in names):
            tokens = self.kosmos2(means)
            found["kosmos2_tokens"], found["kosmos2_vision"] = tokens, tokens[:, 0]
            if self.decoder is not None and {"kosmos2_text", "kosmos2_pointing"} & set(names):
                found["kosmos2_text"], found["kosmos2_pointing"] = self.decoder(tokens, prompt)
        return {name: to_float32(found[name]) for name in names}
