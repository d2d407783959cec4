"""Attention within a sample and a feed-forward layer, both pre-normalised and with residuals."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from scenarios.common.errors import InputError


class CrossAttention(nn.Module):
    """Multi-head cross-attention from queries to keys of the same sample.

    Each head has an additional empty key (score 0 and value 0). So a single key still gets a weight, where a softmax
    over one key would leave the query and key layers untrained, and a sample without any key gets no NaN.
    """

    def __init__(self, width: int, heads: int) -> None:
        """Build the layers.

        Raises:
            InputError: ``width`` is not a multiple of ``heads``.
        """
        super().__init__()
        if width % heads:
            raise InputError(
                f"attention of width {width} can't have {heads} heads: the width must be a multiple of the heads"
            )
        self.heads = heads
        self.query_norm, self.key_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, queries: torch.Tensor, keys: torch.Tensor, seen: torch.Tensor | None = None) -> torch.Tensor:
        """Add the attention's output to the queries (n, q, width).

        Args:
            queries: (n, q, width).
            keys: (n, k, width).
            seen: (n, k) bool, False for keys to ignore; None for no mask.
        """
        normal = self.key_norm(keys)
        query = self._split(self.query(self.query_norm(queries)))
        key, value = (F.pad(self._split(layer(normal)), (0, 0, 0, 1)) for layer in (self.key, self.value))
        mask = None if seen is None else F.pad(seen, (0, 1), value=True)[:, None, None]  # (n, 1, 1, k + 1)
        read = F.scaled_dot_product_attention(query, key, value, mask)
        output: torch.Tensor = queries + self.out(read.transpose(1, 2).flatten(2))
        return output

    def _split(self, tokens: torch.Tensor) -> torch.Tensor:
        """Reshape (n, t, width) to (n, heads, t, width / heads)."""
        return tokens.unflatten(2, (self.heads, -1)).transpose(1, 2)


class FeedForward(nn.Sequential):
    """LayerNorm, a hidden layer of twice the width, and a residual: (..., width) to the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = tokens + super().forward(tokens)
        return output
