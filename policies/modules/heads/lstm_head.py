"""The LSTM head: a recurrent memory over all frames of an episode, then an MLP."""

from __future__ import annotations

import torch

from policies.modules.heads.head import ActionMLP, Head, HeadOutput
from policies.modules.layers.deep_lstm import build_deep_lstm


class LSTMHead(Head):
    """Head: features -> LSTM -> hidden -> chunk x axes.

    The state contains the hidden and cell values, (b, 2, layers, width).
    """

    def __init__(
        self, features: int, *, width: int, layers: int, hidden: tuple[int, ...], axes: int, chunk: int = 1
    ) -> None:
        super().__init__(features, axes=axes, chunk=chunk, state=(2, layers, width))
        self.memory = build_deep_lstm(features, width, layers)
        self.action = ActionMLP(width, hidden=hidden, axes=axes, chunk=chunk)

    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        before = state.permute(1, 2, 0, 3).contiguous()  # torch expects (layers, b, width)
        remembered, after = self.memory(features, (before[0], before[1]))
        return HeadOutput(self.action(remembered), torch.stack(after).permute(2, 0, 1, 3))
