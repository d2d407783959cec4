"""Standardization of each channel of a frozen backbone's feature over the training frames."""

from __future__ import annotations

import torch
from torch import nn

LARGEST = 5.0  # standard deviations; limits the effect of an unusual frame on the action
CONSTANT = 1e-3  # of the mean standard deviation: a channel that varies less contains only rounding errors


class Standardization(nn.Module):
    """Standardizes (..., width) to mean 0 and standard deviation 1 once fitted; before, it only clips.

    Differences between frames are small compared with what all frames share; without standardization a head would
    spend its first epochs on finding them.
    """

    shift: torch.Tensor
    scale: torch.Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def fit(self, values: torch.Tensor) -> None:
        """Set mean and standard deviation from values (n, ..., width); constant channels become 0."""
        rows = values.flatten(0, -2).double()
        spread = rows.std(0, correction=0)
        moves = spread > CONSTANT * spread.mean()
        # Rounded as they are stored, so that a checkpoint computes the same as the trained network.
        self.shift.copy_(rows.mean(0).half())
        self.scale.copy_(torch.where(moves, 1.0 / spread, 0.0).clamp(max=1e4).half())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return ((values - self.shift) * self.scale).clamp(-LARGEST, LARGEST)
