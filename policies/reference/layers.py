"""The layers of the reference: transformer blocks, a stem of convolutions, and modulation by the instruction."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

STEM_STRIDE = 16  # pixels of the frame for one token, along an edge


class TransformerBlock(nn.Module):
    """Self-attention and a feed-forward layer, both pre-normalised and with residuals: (n, t, width) to the same."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.joined, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, tokens: torch.Tensor, seen: torch.Tensor | None = None) -> torch.Tensor:
        """Transform tokens; ``seen`` (n, t) bool is False for those that none attends to."""
        parts = self.joined(self.norm(tokens)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)  # each (n, heads, t, width / heads)
        # Written out: in half precision on CPUs, the gradients of PyTorch's own kernels take longer.
        scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5
        if seen is not None:
            scores = scores.masked_fill(~seen[:, None, None], -torch.inf)
        tokens = tokens + self.out((scores.softmax(3) @ value).transpose(1, 2).flatten(2))
        output: torch.Tensor = tokens + self.feed_forward(tokens)
        return output


class Modulation(nn.Module):
    """Scales and shifts each channel of tokens as a query says; at first it changes nothing.

    Source: feature-wise linear modulation (FiLM), Perez et al. 2018 (AAAI).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scales = nn.Linear(width, 2 * width)
        nn.init.zeros_(self.scales.weight)
        nn.init.zeros_(self.scales.bias)

    def forward(self, tokens: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        """Modulate tokens (n, t, width) by queries (n, width)."""
        scale, shift = self.scales(query)[:, None].chunk(2, dim=2)
        return tokens * (1.0 + scale) + shift


def build_stem(channels: tuple[int, int, int], width: int) -> nn.Sequential:
    """Build four convolutions of stride 2: (n, 3, s, s) to (n, width, s / 16, s / 16).

    They see edges and colours before a picture is cut into tokens, from which a small network learns sooner than from
    patches (Xiao et al. 2021, "Early convolutions help transformers see better").
    """
    sizes = (3, *channels, width)
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GELU()]
    return nn.Sequential(*layers[:-1])
