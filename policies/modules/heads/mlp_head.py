"""The MLP head: each frame's actions depend only on that frame."""

from __future__ import annotations

import torch

from policies.modules.heads.head import ActionMLP, Head, HeadOutput


class MLPHead(Head):
    """Head: features -> hidden -> chunk x axes, without memory (its state has no channels)."""

    def __init__(self, features: int, *, hidden: tuple[int, ...], axes: int, chunk: int = 1) -> None:
        super().__init__(features, axes=axes, chunk=chunk, state=(0,))
        self.action = ActionMLP(features, hidden=hidden, axes=axes, chunk=chunk)

    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        return HeadOutput(self.action(features), state)
