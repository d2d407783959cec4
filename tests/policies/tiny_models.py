"""Networks that are exported in a moment: pictures of 28 x 28 pixels, one layer a tower."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn
from transformers import (
    CLIPConfig,
    CLIPModel,
    Kosmos2Config,
    Kosmos2ForConditionalGeneration,
    PreTrainedTokenizerBase,
)

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.clip import compact_clip_config
from policies.backbones.compact import build_compact_tokenizer, special_token_ids
from policies.backbones.kosmos2 import compact_kosmos2_config
from policies.backbones.text.prompts import PromptEncoder
from policies.backbones.text.tokenizer import build_tokenizer
from policies.hybrid.network import Hybrid, HybridConfig
from policies.systems.backbone_sources import BACKBONES
from policies.systems.network import build_system
from policies.systems.table import SYSTEMS

M = TypeVar("M", bound=nn.Module)
TOWER = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 2, "hidden_act": "gelu"}
VISION = {**TOWER, "image_size": 28, "patch_size": 14, "num_hidden_layers": 1}


def _configs() -> tuple[PreTrainedTokenizerBase, dict[str, Any], dict[str, Any]]:
    """A tokenizer and backbones of 28 x 28 pixels with one layer a tower, two in the decoder."""
    tokenizer = build_compact_tokenizer([])
    ids = special_token_ids(tokenizer)
    marks = {"vocab_size": ids["vocabulary"], **{f"{name}_token_id": ids[name] for name in ("pad", "bos", "eos")}}
    text = {"embed_dim": 32, "layers": 2, "ffn_dim": 48, "attention_heads": 2, "dropout": 0.0, "attention_dropout": 0.0}
    clip = {
        "text_config": {**TOWER, **marks, "num_hidden_layers": 1, "max_position_embeddings": 24},
        "vision_config": VISION,
        "projection_dim": 32,
    }
    kosmos2 = {
        "text_config": {**text, **marks, "max_position_embeddings": 40, "init_std": 0.2},
        "vision_config": VISION,
        "latent_query_num": 4,
    }
    return tokenizer, clip, kosmos2


def _loud(model: M) -> M:
    """Fresh weights are so small that an answer would hardly depend on anything."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(2.0)
    return model.eval()


def build_tiny_hybrid(seed: int = 0) -> Hybrid:
    tokenizer, clip, kosmos2 = _configs()
    config = HybridConfig(clip, kosmos2, places=(4, 2), fused=32, recurrent=(24, 1), hidden=(24, 16))
    torch.manual_seed(seed)
    return _loud(Hybrid(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length)))


def save_pretrained_pair(folder: Path) -> None:
    """Write a small CLIP and a small Kosmos-2 as transformers saves the full ones, with pictures of 112 pixels."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer([], 64)
    ids = special_token_ids(tokenizer)
    models: dict[str, Any] = {
        "clip": CLIPModel(CLIPConfig.from_dict(compact_clip_config(**ids).to_dict())),
        "kosmos2": Kosmos2ForConditionalGeneration(Kosmos2Config.from_dict(compact_kosmos2_config(**ids).to_dict())),
    }
    for name, model in models.items():
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


def save_tiny_systems(folder: Path) -> None:
    """Write tiny backbones and a fresh checkpoint of every row that has a network, by its name."""
    tokenizer, clip, kosmos2 = _configs()
    torch.manual_seed(0)
    config = BackbonesConfig(clip, kosmos2)
    backbones = _loud(Backbones(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length)))
    backbones.save_pretrained(folder / BACKBONES)
    for row in SYSTEMS.values():
        if row.head is not None:
            build_system(row, backbones).save_pretrained(folder / row.name)
