"""A vision tower that takes pixels as they are: its patch embedding contains their normalisation."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import linear

from policies.backbones.fused.attention import FusedAttention
from policies.backbones.preprocessing import MEAN, STD


class FusedVisionTower(nn.Module):
    """Inference with the weights of a vision tower of CLIP or Kosmos-2 in transformers.

    Args:
        tower: Has ``embeddings``, ``pre_layrnorm``, ``encoder`` and ``post_layernorm``.
    """

    patch_weight: torch.Tensor
    class_token: torch.Tensor
    positions: torch.Tensor

    def __init__(self, tower: Any) -> None:
        super().__init__()
        embeddings = tower.embeddings
        self.patch = int(embeddings.patch_size)
        weight, shift = _patch_embedding(embeddings)
        positions = embeddings.position_embedding.weight.detach()
        self.register_buffer("patch_weight", weight, persistent=False)  # (width, patch * patch * 3)
        self.register_buffer("class_token", embeddings.class_embedding.detach() + positions[0], persistent=False)
        self.register_buffer("positions", positions[1:] + shift, persistent=False)  # (patches, width)
        self.before, self.after = tower.pre_layrnorm, tower.post_layernorm
        self.layers = nn.ModuleList(_FusedLayer(layer) for layer in tower.encoder.layers)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Compute the vision tokens (n, 1 + patches, width), the pooler's first.

        Args:
            pixels: (n, size, size, 3) in [0, 255].
        """
        count, size = pixels.shape[:2]
        patch, grid = self.patch, size // self.patch
        rows = pixels.view(count, grid, patch, grid, patch * 3).transpose(2, 3).reshape(count, grid * grid, -1)
        tokens = linear(rows.to(self.patch_weight.dtype), self.patch_weight) + self.positions
        hidden = self.before(torch.cat([self.class_token.expand(count, 1, -1), tokens], dim=1))
        for layer in self.layers:
            hidden = layer(hidden)
        found: torch.Tensor = self.after(hidden)
        return found


class _FusedLayer(nn.Module):
    """One layer of a vision tower."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.attention = FusedAttention(layer.self_attn)
        self.before, self.between, self.mlp = layer.layer_norm1, layer.layer_norm2, layer.mlp

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        hidden = hidden + self.attention(self.before(hidden))
        return hidden + self.mlp(self.between(hidden))


def _patch_embedding(embeddings: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the weight (width, patch * patch * 3) for pixels in [0, 255], channels last, and the shift (width,)."""
    layer = embeddings.patch_embedding
    weight = layer.weight.detach()  # (width, 3, patch, patch)
    mean, std = (255.0 * weight.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    shift = -(weight * (mean / std)).sum(dim=(1, 2, 3))
    if layer.bias is not None:
        shift = shift + layer.bias.detach()
    return (weight / std).permute(0, 2, 3, 1).flatten(1).contiguous(), shift
