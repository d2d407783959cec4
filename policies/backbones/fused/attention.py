"""Self-attention whose queries, keys and values are one matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import linear, scaled_dot_product_attention


class FusedAttention(nn.Module):
    """Inference with the weights of an attention of CLIP or Kosmos-2 in transformers.

    Args:
        attention: Has ``q_proj``, ``k_proj``, ``v_proj``, ``out_proj``, ``num_heads``, perhaps ``inner_attn_ln``.
        is_causal: A token attends to those before it only.
    """

    def __init__(self, attention: Any, *, is_causal: bool = False) -> None:
        super().__init__()
        self.heads = int(attention.num_heads)
        self.is_causal = is_causal
        self.project = merge_linears([attention.q_proj, attention.k_proj, attention.v_proj])
        self.out = attention.out_proj
        self.norm = getattr(attention, "inner_attn_ln", None) or nn.Identity()

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Attend: (n, tokens, width) to the same shape."""
        queries, keys, values = split_heads(self.project(hidden), 3, self.heads)
        mixed = scaled_dot_product_attention(queries, keys, values, is_causal=self.is_causal)
        return self.combine(mixed)

    def attend_at(self, hidden: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        """Attend from one token of each row to all tokens up to it.

        Args:
            hidden: (n, tokens, width).
            last: (n,) the token's index.

        Returns:
            (n, width).
        """
        count, tokens, width = hidden.shape
        weight, bias = self.project.weight, self.project.bias
        keys, values = split_heads(linear(hidden, weight[width:], bias[width:]), 2, self.heads)
        at_last = hidden[torch.arange(count, device=hidden.device), last]
        (queries,) = split_heads(linear(at_last, weight[:width], bias[:width])[:, None], 1, self.heads)
        seen = torch.arange(tokens, device=hidden.device) <= last[:, None]  # (n, tokens)
        mixed = scaled_dot_product_attention(queries, keys, values, attn_mask=seen[:, None, None])
        return self.combine(mixed)[:, 0]

    def combine(self, mixed: torch.Tensor) -> torch.Tensor:
        """Join the heads (n, heads, tokens, width of a head) and project them: (n, tokens, width)."""
        joined: torch.Tensor = self.out(self.norm(mixed.transpose(1, 2).flatten(2)))
        return joined


def split_heads(projected: torch.Tensor, parts: int, heads: int) -> tuple[torch.Tensor, ...]:
    """Split (n, tokens, parts * width) into ``parts`` tensors (n, heads, tokens, width of a head)."""
    count, tokens, width = projected.shape
    return projected.view(count, tokens, parts, heads, width // (parts * heads)).permute(2, 0, 3, 1, 4).unbind()


@torch.inference_mode(False)  # tensors made in inference mode could never be trained again
@torch.no_grad()
def merge_linears(layers: Sequence[nn.Linear]) -> nn.Linear:
    """Merge layers that take the same input into one, whose outputs are concatenated.

    The layers' own weights become views of the merged ones, so that nothing is stored twice.
    """
    width = sum(layer.out_features for layer in layers)
    with torch.device("meta"):
        merged = nn.Linear(layers[0].in_features, width)
    merged.weight = nn.Parameter(_join([layer.weight for layer in layers]), requires_grad=False)
    merged.bias = nn.Parameter(_join([layer.bias for layer in layers]), requires_grad=False)
    return merged


def _join(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Concatenate weights along their first axis, unless they are already, and let them be views of the result."""
    first, rest = parts[0], parts[0].shape[1:]
    end = first.storage_offset()
    for part in parts:
        if part.untyped_storage().data_ptr() != first.untyped_storage().data_ptr() or part.storage_offset() != end:
            break
        end += part.numel()
    else:
        if len(parts) > 1 and all(part.is_contiguous() for part in parts):
            return first.detach().as_strided((sum(len(part) for part in parts), *rest), first.stride())
    joined = torch.cat([part.detach() for part in parts])
    for part, view in zip(parts, joined.split([len(part) for part in parts]), strict=True):
        part.data = view
    return joined
