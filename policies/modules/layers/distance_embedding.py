"""The distance embedding: close, medium or far, as estimated by the network itself."""

from __future__ import annotations

import torch
from torch import nn


class DistanceEmbedding(nn.Module):
    """Estimates the probability of each distance from a feature, and mixes the distances' learned vectors accordingly.

    The published recordings state each episode's distance; a driving robot isn't told it, so it is estimated.
    """

    def __init__(self, features: int, *, width: int, distances: int = 3) -> None:
        super().__init__()
        self.judge = nn.Linear(features, distances)
        self.vectors = nn.Parameter(torch.randn(distances, width) * width**-0.5)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Compute the embedding (n, width) of features (n, features)."""
        return self.judge(features).softmax(-1) @ self.vectors
