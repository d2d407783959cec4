"""Kosmos-2 at two scales: transformers' own classes, with a small config (trained here) or Microsoft's weights."""

from __future__ import annotations

import math

import torch

from policies.backbones.pretrained import KOSMOS2_FULL, WeightsSource, load_pretrained
from policies.backbones.text.prompts import Prompt
from policies.transformers_models import Kosmos2Config, Kosmos2ForConditionalGeneration, Kosmos2Model

HEAD_TOKENS = 2  # <s> <image>: the tokens before the image's latents
ABSENCE_LOG_ODDS = (
    4.0  # log odds, before training, against a patch showing the named object: most patches show something else
)


def compact_kosmos2_config(*, vocabulary: int, pad: int, bos: int, eos: int) -> Kosmos2Config:
    """Return the config of a Kosmos-2 with about 0.45 M parameters.

    It has a grid of 8 x 8 patches (so 64 location tokens), 64 latents and 2 decoder layers.
    """
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
    """Build a Kosmos-2 with fresh weights, its language head and eager attention, for training on captions."""
    model = Kosmos2ForConditionalGeneration(config)
    model.set_attn_implementation("eager")
    _init_latents(model)
    return model


@torch.no_grad()
def _init_latents(model: Kosmos2ForConditionalGeneration) -> None:
    """Initialise one latent per patch that attends to its own patch and passes it on unchanged.

    With the published initialisation (small noise everywhere) all latents contain the same mean of all patches, and a
    small model trains for very long before they differ.
    """
    tower, projection = model.vision_model.model, model.image_to_text_projection
    tower.embeddings.position_embedding.weight.normal_(std=0.3)
    tower.embeddings.patch_embedding.weight.mul_(4.0)
    projection.dense.weight.normal_(std=1.0)
    size = tower.embeddings.image_size
    patches = encode_image_tokens(model, torch.zeros(1, 3, size, size))[0, 1:]  # (patches, hidden): positions only
    places = projection.dense(torch.nn.functional.normalize(patches, dim=-1))
    if len(places) != len(projection.latent_query):
        raise ValueError(f"{len(places)} patches need {len(places)} latents, not {len(projection.latent_query)}")
    share = 0.3  # latents are keys, too: shorter ones attend to patches rather than to each other
    projection.latent_query.copy_(share * places)
    projection.x_attn.q_proj.weight.copy_(projection.x_attn.k_proj.weight / share)
    torch.nn.init.eye_(projection.x_attn.v_proj.weight)
    torch.nn.init.eye_(projection.x_attn.out_proj.weight)


def load_kosmos2(source: WeightsSource = KOSMOS2_FULL) -> Kosmos2Model:
    """Load a trained Kosmos-2 without its language head from a folder or the hub.

    Raises:
        InputError: It can't be loaded.
    """
    model = load_pretrained(Kosmos2Model, source)
    uncover_latents(model)
    return model


def uncover_latents(model: Kosmos2Model) -> None:
    """Let every latent see all patches: with "sdpa", older transformers (5.17) mask them as a decoder's tokens."""
    model.image_to_text_projection.x_attn.is_causal = False


def encode_image_tokens(model: Kosmos2Model | Kosmos2ForConditionalGeneration, planes: torch.Tensor) -> torch.Tensor:
    """Compute the vision tokens after the last norm, (n, 1 + patches, hidden); the first is the pooler's output."""
    tower = model.vision_model.model
    hidden = tower.pre_layrnorm(tower.embeddings(planes))
    for layer in tower.encoder.layers:
        hidden = layer(hidden, None)
    tokens: torch.Tensor = tower.post_layernorm(hidden)
    return tokens


def run_decoder(
    model: Kosmos2Model | Kosmos2ForConditionalGeneration, tokens: torch.Tensor, ids: torch.Tensor
) -> torch.Tensor:
    """Compute the decoder's states over ``<s> <image> latents </image> words``.

    The latents are inserted by position, not by transformers' boolean mask: the numbers are equal, and it can be
    exported to ONNX.

    Args:
        tokens: (n, 1 + patches, hidden) from ``encode_image_tokens``.
        ids: (n, length) token ids without the latents' positions, padded at the end: ``<s> <image> </image> words``.

    Returns:
        (n, latents + length, text hidden). It is causal, so padding at the end never affects the tokens before it.
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
    """Compute the log odds that each patch shows the object that a state of the decoder stands for.

    A scaled dot product without weights of its own: grounding trains both sides to match.

    Args:
        cells: (n, patches, d) from ``project_to_word_embeddings``.
        query: (n, d) states of the decoder.

    Returns:
        (n, patches).
    """
    return (cells @ query[..., None])[..., 0] / math.sqrt(query.shape[-1]) - ABSENCE_LOG_ODDS


def select_last_state(states: torch.Tensor, prompt: Prompt) -> torch.Tensor:
    """Select the decoder's state (n, text hidden) at each prompt's last token from all states of ``run_decoder``."""
    last = prompt.lengths + (states.shape[1] - prompt.kosmos2.shape[1] - 1)  # (n,)
    return states[torch.arange(len(last), device=states.device), last]
