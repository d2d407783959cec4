"""The claw matrix: cross-attention between vision, language and action in a ring."""

from __future__ import annotations

import torch
from torch import nn

from policies.modules.layers.attention import CrossAttention


class ClawMatrix(nn.Module):
    """Three cross-attentions, vision to language, language to action and action to vision; published with width 512.

    Args:
        vision, language, action: Channels of each stream's tokens.
        width, heads: Width and heads of the attention.
    """

    def __init__(self, *, vision: int, language: int, action: int, width: int, heads: int = 8) -> None:
        super().__init__()
        self.vision, self.language, self.action = (nn.Linear(each, width) for each in (vision, language, action))
        self.vision_to_language = CrossAttention(width, heads)
        self.language_to_action = CrossAttention(width, heads)
        self.action_to_vision = CrossAttention(width, heads)

    def forward(
        self,
        vision: torch.Tensor,
        language: torch.Tensor,
        action: torch.Tensor,
        vision_seen: torch.Tensor | None = None,
        language_seen: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Compute the three streams after attention, each averaged over its tokens, concatenated: (n, 3 * width).

        Args:
            vision, language, action: (n, tokens, channels) each.
            vision_seen, language_seen: (n, tokens) bool, False for tokens to ignore; None for no mask.
        """
        vision, language, action = self.vision(vision), self.language(language), self.action(action)
        vision_out = self.vision_to_language(vision, language, language_seen)
        language_out = self.language_to_action(language, action)
        action_out = self.action_to_vision(action, vision, vision_seen)
        return torch.cat(
            [_mean(vision_out, vision_seen), _mean(language_out, language_seen), action_out.mean(1)], dim=-1
        )


def _mean(tokens: torch.Tensor, seen: torch.Tensor | None) -> torch.Tensor:
    """Average (n, tokens, width) over the unmasked tokens to (n, width)."""
    if seen is None:
        return tokens.mean(1)
    weights = seen.to(tokens.dtype)[..., None]
    return (tokens * weights).sum(1) / weights.sum(1)
