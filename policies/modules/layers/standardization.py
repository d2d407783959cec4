"""Standardization: each channel of a frozen backbone's feature, by its mean and spread over the training frames."""

from __future__ import annotations

import torch
from torch import nn

LARGEST = 5.0  # standard deviations; a frame unlike all others is no reason for an action unlike all others
CONSTANT = 1e-3  # of the mean spread: a channel that hardly moves holds rounding errors


class Standardization(nn.Module):
    """(..., width) to the same shape, mean 0 and standard deviation 1 once it was fitted; fresh, it changes little.

    What tells frames apart is small beside what all of them share; a head would spend its first epochs on finding it.
    """

    shift: torch.Tensor
    scale: torch.Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def fit(self, values: torch.Tensor) -> None:
        """Take mean and spread of (n, ..., width); a channel that is constant gives 0 from now on."""
        rows = values.flatten(0, -2).double()
        spread = rows.std(0, correction=0)
        moves = spread > CONSTANT * spread.mean()
        # Rounded as they are stored, so that a checkpoint answers as the network that was trained.
        self.shift.copy_(rows.mean(0).half())
        self.scale.copy_(torch.where(moves, 1.0 / spread, 0.0).clamp(max=1e4).half())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return ((values - self.shift) * self.scale).clamp(-LARGEST, LARGEST)
