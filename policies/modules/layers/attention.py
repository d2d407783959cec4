"""Attention inside a sample, and the feed-forward layer that follows it; both with residuals, normalised first."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from scenarios.common.errors import InputError


class CrossAttention(nn.Module):
    """Queries read keys of the same sample, with several heads.

    Each head may also look at nothing (a key with score 0 and value 0). So a single key is still weighed, where a
    softmax over one would leave the query and key layers untrained, and a sample without any key gets no NaN.
    """

    def __init__(self, width: int, heads: int) -> None:
        """InputError if the heads don't share the width evenly."""
        super().__init__()
        if width % heads:
            raise InputError(
                f"attention of width {width} can't have {heads} heads: the width must be a multiple of them"
            )
        self.heads = heads
        self.query_norm, self.key_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, queries: torch.Tensor, keys: torch.Tensor, seen: torch.Tensor | None = None) -> torch.Tensor:
        """The queries (n, q, width) with what they read added.

        Args:
            keys: (n, k, width).
            seen: (n, k) bool, False for keys that are to be ignored; None if there are none.
        """
        normal = self.key_norm(keys)
        query = self._split(self.query(self.query_norm(queries)))
        key, value = (F.pad(self._split(layer(normal)), (0, 0, 0, 1)) for layer in (self.key, self.value))
        mask = None if seen is None else F.pad(seen, (0, 1), value=True)[:, None, None]  # (n, 1, 1, k + 1)
        read = F.scaled_dot_product_attention(query, key, value, mask)
        answer: torch.Tensor = queries + self.out(read.transpose(1, 2).flatten(2))
        return answer

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """(n, t, width) to (n, heads, t, width / heads)."""
        return tokens.unflatten(2, (self.heads, -1)).transpose(1, 2)


class FeedForward(nn.Sequential):
    """LayerNorm, a hidden layer of twice the width, and a residual: (..., width) to the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = tokens + super().forward(tokens)
        return answer
