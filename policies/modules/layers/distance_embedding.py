"""The distance embedding: whether the goal is close, medium or far, as the network itself judges it."""

from __future__ import annotations

import torch
from torch import nn


class DistanceEmbedding(nn.Module):
    """A feature is judged to be so likely at each distance, and gets the mixture of the distances' learned vectors.

    The published recordings name each episode's distance; a robot that drives is not told it, so it is judged.
    """

    def __init__(self, features: int, *, width: int, distances: int = 3) -> None:
        super().__init__()
        self.judge = nn.Linear(features, distances)
        self.vectors = nn.Parameter(torch.randn(distances, width) * width**-0.5)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(n, features) to (n, width)."""
        return self.judge(features).softmax(-1) @ self.vectors
