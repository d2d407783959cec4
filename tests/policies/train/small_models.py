"""Small networks for frames of the training resolution, which train in a moment: 4 x 4 patches, one layer a tower."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from transformers import CLIPConfig, Kosmos2Config, PreTrainedTokenizerBase

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.compact import special_token_ids
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import PromptEncoder
from policies.hybrid.network import Hybrid, HybridConfig
from policies.train.data.frame_store import FRAME_SIZE

GRID = 4
TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "hidden_act": "gelu"}
VISION = {**TOWER, "num_hidden_layers": 1, "image_size": FRAME_SIZE, "patch_size": FRAME_SIZE // GRID}


def _token_ids(vocabulary: int, pad: int, bos: int, eos: int) -> dict[str, int]:
    return {"vocab_size": vocabulary, "pad_token_id": pad, "bos_token_id": bos, "eos_token_id": eos}


def small_clip_config(**ids: int) -> CLIPConfig:
    """In place of ``compact_clip_config``."""
    text: dict[str, Any] = {**TOWER, **_token_ids(**ids), "num_hidden_layers": 1, "max_position_embeddings": 64}
    return CLIPConfig(text_config=text, vision_config=VISION, projection_dim=32)


def small_kosmos2_config(**ids: int) -> Kosmos2Config:
    """In place of ``compact_kosmos2_config``."""
    text: dict[str, Any] = {"embed_dim": 32, "layers": 1, "ffn_dim": 64, "attention_heads": 2, "init_std": 0.1}
    text |= {"dropout": 0.0, "attention_dropout": 0.0, "max_position_embeddings": 96, **_token_ids(**ids)}
    return Kosmos2Config(text_config=text, vision_config=VISION, latent_query_num=GRID * GRID)


def build_small_backbones(tokenizer: PreTrainedTokenizerBase, seed: int = 0) -> Backbones:
    ids = special_token_ids(tokenizer)
    config = BackbonesConfig(small_clip_config(**ids).to_dict(), small_kosmos2_config(**ids).to_dict())
    with seeded_initialisation(seed):
        return Backbones(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length)).eval()


def build_small_hybrid(tokenizer: PreTrainedTokenizerBase, seed: int = 0) -> Hybrid:
    ids = special_token_ids(tokenizer)
    config = HybridConfig(small_clip_config(**ids).to_dict(), small_kosmos2_config(**ids).to_dict())
    config = replace(config, fused=64, recurrent=(48, 1), hidden=(48, 32))
    with seeded_initialisation(seed):
        return Hybrid(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length))
