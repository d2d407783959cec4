"""Kosmos-2's decoder over an image and a prompt, computed only as far as the state at the prompt's last token needs."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import normalize, scaled_dot_product_attention

from policies.backbones.fused.attention import FusedAttention, merge_linears, split_heads
from policies.backbones.kosmos2 import HEAD_TOKENS, pointing_logits
from policies.backbones.text.prompts import Prompt


class FusedDecoder(nn.Module):
    """Inference with the weights of a ``Kosmos2Model``, without its vision tower."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.latents = _Latents(model.image_to_text_projection)
        text = model.text_model.model
        self.words, self.scale = text.embed_tokens, float(text.embed_scale)
        self.places: Any = text.embed_positions
        *blocks, self.last = [_FusedBlock(layer) for layer in text.layers]
        self.layers = nn.ModuleList(blocks)
        self.norm = text.layer_norm

    def forward(self, tokens: torch.Tensor, prompt: Prompt) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute the state at each prompt's last token, and where the image shows what the prompt names.

        Args:
            tokens: (n, 1 + patches, hidden) of the vision tower.
            prompt: The prompts of n instructions.

        Returns:
            (n, width) and (n, patches), the latter in [0, 1].
        """
        cells, latents = self.latents(tokens)
        words = self.words(prompt.kosmos2)
        hidden = torch.cat([words[:, :HEAD_TOKENS], latents.to(words.dtype), words[:, HEAD_TOKENS:]], dim=1)
        hidden = self.scale * hidden + self.places(inputs_embeds=hidden[:1])
        last = prompt.lengths + (latents.shape[1] - 1)
        for layer in self.layers:
            hidden = layer(hidden)
        state = self.norm(self.last.compute_at(hidden, last))
        return state, torch.sigmoid(pointing_logits(cells[:, 1:], state))


class _Latents(nn.Module):
    """Projection of image tokens to the decoder's width, and their resampling to latents.

    What depends on the latents' queries alone is computed once.
    """

    queries: torch.Tensor
    own: torch.Tensor

    @torch.no_grad()
    def __init__(self, projection: Any) -> None:
        super().__init__()
        attention, latent_query = projection.x_attn, projection.latent_query[None]
        self.heads, self.dense, self.out = int(attention.num_heads), projection.dense, attention.out_proj
        self.merged = merge_linears([attention.k_proj, attention.v_proj])
        self.register_buffer("queries", attention.q_proj(latent_query), persistent=False)  # (1, latents, width)
        self.register_buffer("own", self.merged(latent_query), persistent=False)  # their keys and values

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the projected tokens (n, 1 + patches, width) and the latents (n, latents, width)."""
        cells = self.dense(normalize(tokens, dim=-1))
        count = len(cells)
        (queries,) = split_heads(self.queries.expand(count, -1, -1), 1, self.heads)
        both = torch.cat([self.merged(cells), self.own.expand(count, -1, -1)], dim=1)
        keys, values = split_heads(both, 2, self.heads)
        mixed = scaled_dot_product_attention(queries, keys, values)
        return cells, self.out(mixed.transpose(1, 2).flatten(2))


class _FusedBlock(nn.Module):
    """One layer of the decoder."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.attention = FusedAttention(layer.self_attn, is_causal=True)
        self.before, self.between, self.ffn = layer.self_attn_layer_norm, layer.final_layer_norm, layer.ffn

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        hidden = hidden + self.attention(self.before(hidden))
        return hidden + self.ffn(self.between(hidden))

    def compute_at(self, hidden: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        """Compute only one token of each row: (n, tokens, width) and (n,) to (n, width)."""
        at_last = hidden[torch.arange(len(hidden), device=hidden.device), last]
        at_last = at_last + self.attention.attend_at(self.before(hidden), last)
        state: torch.Tensor = at_last + self.ffn(self.between(at_last))
        return state
