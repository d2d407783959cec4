"""Kosmos-2 at two scales: transformers' own classes, with a small config (trained here) or Microsoft's weights."""

from __future__ import annotations

import math

import torch
from transformers import Kosmos2Config, Kosmos2ForConditionalGeneration, Kosmos2Model

from policies.backbones.pretrained import KOSMOS2_FULL, WeightsSource, load_pretrained
from policies.backbones.text.prompts import Prompt

HEAD_TOKENS = 2  # <s> <image>: what stands before the image's latents
ABSENCE_LOG_ODDS = 4.0  # log odds against a patch showing what is asked for, before learning: most show something else


def compact_kosmos2_config(*, vocabulary: int, pad: int, bos: int, eos: int) -> Kosmos2Config:
    """About 0.45 M parameters: an 8 x 8 grid of patches (so 64 location tokens), 64 latents, 2 decoder layers."""
    return Kosmos2Config(
        text_config={
            "vocab_size": vocabulary,
            "max_position_embeddings": 96,
            "embed_dim": 96,
            "layers": 2,
            "ffn_dim": 192,
            "attention_heads": 3,
            "dropout": 0.0,
            "attention_dropout": 0.0,
            # The published 0.02 suits 2048 channels; 96 need more for a signal to pass the unit-norm image tokens.
            "init_std": 0.1,
            "pad_token_id": pad,
            "bos_token_id": bos,
            "eos_token_id": eos,
        },
        vision_config={
            "hidden_size": 96,
            "intermediate_size": 192,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
            "image_size": 112,
            "patch_size": 14,
            "hidden_act": "gelu",
        },
        latent_query_num=64,
    )


def build_kosmos2(config: Kosmos2Config) -> Kosmos2ForConditionalGeneration:
    """A Kosmos-2 with fresh weights and its language head, to be trained on captions. Eager attention as in CLIP."""
    model = Kosmos2ForConditionalGeneration(config)
    model.set_attn_implementation("eager")
    _init_latents(model)
    return model


@torch.no_grad()
def _init_latents(model: Kosmos2ForConditionalGeneration) -> None:
    """Start with one latent per patch, each attending to its own patch and handing it on as it is.

    From the published start (small noise everywhere) all latents hold the same mean of all patches, and a small model
    learns for very long before they part.
    """
    tower, projection = model.vision_model.model, model.image_to_text_projection
    tower.embeddings.position_embedding.weight.normal_(std=0.3)
    tower.embeddings.patch_embedding.weight.mul_(4.0)
    projection.dense.weight.normal_(std=1.0)
    size = tower.embeddings.image_size
    patches = encode_image_tokens(model, torch.zeros(1, 3, size, size))[0, 1:]  # (patches, hidden): positions only
    places = projection.dense(torch.nn.functional.normalize(patches, dim=-1))
    if len(places) != len(projection.latent_query):
        raise ValueError(f"{len(places)} patches need as many latents, not {len(projection.latent_query)}")
    share = 0.3  # latents are keys, too: shorter ones attend to patches rather than to each other
    projection.latent_query.copy_(share * places)
    projection.x_attn.q_proj.weight.copy_(projection.x_attn.k_proj.weight / share)
    torch.nn.init.eye_(projection.x_attn.v_proj.weight)
    torch.nn.init.eye_(projection.x_attn.out_proj.weight)


def load_kosmos2(source: WeightsSource = KOSMOS2_FULL) -> Kosmos2Model:
    """A trained Kosmos-2 without its language head, from a folder or the hub; InputError if that can't be."""
    return load_pretrained(Kosmos2Model, source)


def encode_image_tokens(model: Kosmos2Model | Kosmos2ForConditionalGeneration, planes: torch.Tensor) -> torch.Tensor:
    """The vision tower's tokens after its last norm, (n, 1 + patches, hidden); the first is the pooler's answer."""
    tower = model.vision_model.model
    hidden = tower.pre_layrnorm(tower.embeddings(planes))
    for layer in tower.encoder.layers:
        hidden = layer(hidden, None)
    tokens: torch.Tensor = tower.post_layernorm(hidden)
    return tokens


def run_decoder(
    model: Kosmos2Model | Kosmos2ForConditionalGeneration, tokens: torch.Tensor, ids: torch.Tensor
) -> torch.Tensor:
    """The decoder's states over ``<s> <image> latents </image> words``.

    The latents are spliced in by position, not by transformers' boolean mask: equal numbers, and it exports to ONNX.

    Args:
        tokens: (n, 1 + patches, hidden) from ``encode_image_tokens``.
        ids: (n, length) token ids without the latents' places, padded at the end: ``<s> <image> </image> words``.

    Returns:
        (n, latents + length, text hidden). Causal, so padding at the end never reaches what stands before it.
    """
    latents, _ = model.image_to_text_projection(torch.nn.functional.normalize(tokens, dim=-1))
    text = model.text_model.model
    words = text.embed_tokens(ids)
    embeds = torch.cat([words[:, :HEAD_TOKENS], latents.to(words.dtype), words[:, HEAD_TOKENS:]], dim=1)
    states: torch.Tensor = text(inputs_embeds=embeds, use_cache=False).last_hidden_state
    return states


def project_to_word_embeddings(
    model: Kosmos2Model | Kosmos2ForConditionalGeneration, tokens: torch.Tensor
) -> torch.Tensor:
    """Project image tokens into the space of the word embeddings: (n, patches, text hidden)."""
    cells: torch.Tensor = model.image_to_text_projection.dense(torch.nn.functional.normalize(tokens[:, 1:], dim=-1))
    return cells


def pointing_logits(cells: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
    """Log odds that each patch shows what a state of the decoder asks for.

    A scaled dot product, so it needs no weights of its own; grounding teaches both sides to meet.

    Args:
        cells: (n, patches, d) from ``project_to_word_embeddings``. query: (n, d).

    Returns:
        (n, patches).
    """
    return (cells @ query[..., None])[..., 0] / math.sqrt(query.shape[-1]) - ABSENCE_LOG_ODDS


def select_last_state(states: torch.Tensor, prompt: Prompt) -> torch.Tensor:
    """The decoder's state (n, text hidden) at each prompt's last token, of all states from ``run_decoder``."""
    last = prompt.lengths + (states.shape[1] - prompt.kosmos2.shape[1] - 1)  # (n,)
    return states[torch.arange(len(last), device=states.device), last]
