"""The vision resampler: learned queries attend to all image tokens, and a selector keeps the best of them."""

from __future__ import annotations

import torch
from torch import nn

from policies.modules.layers.attention import CrossAttention, FeedForward
from scenarios.common.errors import InputError


class VisionResampler(nn.Module):
    """Queries (published: 64) -> cross-attention over the image tokens (8 heads) -> feed-forward -> token selector.

    The selector scores each query for each image and keeps the ``keep`` best (published: 32 to 64), in the queries'
    order. Each kept token is multiplied by the sigmoid of its score, so that the selector gets gradients.
    """

    def __init__(self, width: int, *, queries: int = 64, heads: int = 8, keep: int = 64) -> None:
        """Build the layers.

        Raises:
            InputError: ``keep`` isn't 1 to ``queries``.
        """
        super().__init__()
        if not 1 <= keep <= queries:
            raise InputError(f"a resampler of {queries} queries can't keep {keep}: choose 1 to {queries}")
        self.keep = keep
        self.queries = nn.Parameter(torch.randn(queries, width) * width**-0.5)
        self.attention, self.feed_forward = CrossAttention(width, heads), FeedForward(width)
        self.selector = nn.Linear(width, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Resample image tokens (n, t, width) to (n, keep, width)."""
        read = self.feed_forward(self.attention(self.queries.expand(len(tokens), -1, -1), tokens))
        scores = self.selector(read)  # (n, queries, 1)
        kept = scores.topk(self.keep, dim=1).indices.sort(dim=1).values
        gated = read * scores.sigmoid()
        return gated.gather(1, kept.expand(-1, -1, read.shape[2]))
