"""The hybrid head: projection of all features, an LSTM, and an MLP."""

from __future__ import annotations

import torch
from torch import nn

from policies.modules.heads.head import Head, HeadOutput
from policies.modules.heads.lstm_head import LSTMHead


class HybridHead(Head):
    """Head: features -> project -> LSTM -> hidden -> chunk x axes.

    Published as 4352 -> 2048 -> 4 layers -> 1024-512-256.
    """

    def __init__(
        self,
        features: int,
        *,
        project: int,
        width: int,
        layers: int,
        hidden: tuple[int, ...],
        axes: int,
        chunk: int = 1,
    ) -> None:
        super().__init__(features, axes=axes, chunk=chunk, state=(2, layers, width))
        # Normalised, since the features come from several towers with different scales.
        self.project = nn.Sequential(nn.LayerNorm(features), nn.Linear(features, project), nn.GELU())
        self.recurrent = LSTMHead(project, width=width, layers=layers, hidden=hidden, axes=axes, chunk=chunk)

    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        output: HeadOutput = self.recurrent(self.project(features), state)
        return output
