"""CLIP at two scales: transformers' own classes, with a small config (trained here) or OpenAI's weights."""

from __future__ import annotations

import torch

from policies.backbones.pretrained import CLIP_FULL, WeightsSource, load_pretrained
from policies.transformers_models import CLIPConfig, CLIPModel, CLIPTextModel, CLIPVisionModel


def compact_clip_config(*, vocabulary: int, pad: int, bos: int, eos: int) -> CLIPConfig:
    """Return the config of a CLIP with about 0.7 M parameters.

    Its vision tower has 4 layers and takes 112 x 112 pixels (49 patches); its text tower has 2 layers.
    """
    return CLIPConfig(
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "max_position_embeddings": 64,
            "hidden_act": "gelu",
            "pad_token_id": pad,
            "bos_token_id": bos,
            "eos_token_id": eos,
        },
        vision_config={
            "hidden_size": 128,
            "intermediate_size": 256,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "image_size": 112,
            "patch_size": 16,
            "hidden_act": "gelu",
        },
        projection_dim=64,
    )


def build_clip(config: CLIPConfig) -> CLIPModel:
    """Build a CLIP with fresh weights and eager attention.

    The backward pass of the fused attention kernel takes twice as long on CPUs.
    """
    model = CLIPModel(config)
    model.set_attn_implementation("eager")
    with torch.no_grad():  # larger than the published 0.02: positions and contents differ clearly from the start
        model.vision_model.embeddings.position_embedding.weight.normal_(std=0.3)
        model.vision_model.embeddings.patch_embedding.weight.mul_(4.0)
    return model


def load_clip(source: WeightsSource = CLIP_FULL) -> CLIPModel:
    """Load a trained CLIP from a folder or the hub.

    Raises:
        InputError: It can't be loaded.
    """
    return load_pretrained(CLIPModel, source)


def encode_vision_tokens(tower: CLIPVisionModel, planes: torch.Tensor) -> torch.Tensor:
    """Compute the vision tokens (n, 1 + patches, hidden), pooler first, of normalised pixels (n, 3, size, size)."""
    hidden = tower.pre_layrnorm(tower.embeddings(planes))
    for layer in tower.encoder.layers:
        hidden = layer(hidden, None)
    tokens: torch.Tensor = tower.post_layernorm(hidden)
    return tokens


def encode_vision_feature(tower: CLIPVisionModel, planes: torch.Tensor) -> torch.Tensor:
    """Compute the vision pooler's output (n, hidden) for normalised pixels (n, 3, size, size)."""
    return encode_vision_tokens(tower, planes)[:, 0]


def encode_text_feature(tower: CLIPTextModel, ids: torch.Tensor) -> torch.Tensor:
    """Compute the text pooler's output (n, hidden), the state at the end token, for padded ids (n, length)."""
    feature: torch.Tensor = tower(input_ids=ids).pooler_output
    return feature
