"""A tiny hybrid, and the files that it is exported to; tests leave both as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnx
import pytest
import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.compact import build_compact_tokenizer, special_token_ids
from policies.backbones.text.prompts import PromptEncoder
from policies.export.onnx_file import export_policy
from policies.hybrid.network import Hybrid, HybridConfig
from policies.policy import ObservationBatch
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


def tiny_hybrid(seed: int = 0) -> Hybrid:
    tokenizer, clip, kosmos2 = _configs()
    config = HybridConfig(clip, kosmos2, places=(4, 2), fused=32, recurrent=(24, 1), hidden=(24, 16))
    torch.manual_seed(seed)
    return _loud(Hybrid(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length)))


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny backbones and a fresh checkpoint of every row that has a network, by its name."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("systems")
    tokenizer, clip, kosmos2 = _configs()
    torch.manual_seed(0)
    config = BackbonesConfig(clip, kosmos2)
    backbones = _loud(Backbones(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length)))
    backbones.save_pretrained(folder / BACKBONES)
    for row in SYSTEMS.values():
        if row.head is not None:
            build_system(row, backbones).save_pretrained(folder / row.name)
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("hybrid") / "tiny"
    tiny_hybrid().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def file(checkpoint: Path) -> Path:
    out = checkpoint.parent / "tiny.onnx"
    export_policy(str(checkpoint), out, "fp16")
    return out


@pytest.fixture
def model(file: Path) -> onnx.ModelProto:
    """The exported model, for a test to spoil."""
    return onnx.load(file)


@pytest.fixture(scope="session")
def frames() -> Callable[..., ObservationBatch]:
    """A batch of noise, from a seed and a number of slots."""

    def made(seed: int, n: int, live: np.ndarray | None = None) -> ObservationBatch:
        pixels = np.random.default_rng(seed).integers(0, 256, (n, 224, 224, 3)).astype(np.uint8)
        return ObservationBatch(pixels, np.zeros((n, 6), np.float32), np.ones(n, bool) if live is None else live)

    return made
