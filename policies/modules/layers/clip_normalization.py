"""CLIP Normalization: layer normalisation of a CLIP feature, then a bottleneck."""

from __future__ import annotations

import torch
from torch import nn


class ClipNormalization(nn.Module):
    """LayerNorm, then a bottleneck (published: 768-384-768) with a residual: (..., width) to the same shape."""

    def __init__(self, width: int, bottleneck: int | None = None) -> None:
        """Build the layers; ``bottleneck`` is half of the width by default."""
        super().__init__()
        narrow = width // 2 if bottleneck is None else bottleneck
        self.norm = nn.LayerNorm(width)
        self.bottleneck = nn.Sequential(nn.Linear(width, narrow), nn.GELU(), nn.Linear(narrow, width))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        normal: torch.Tensor = self.norm(features)
        return normal + self.bottleneck(normal)
