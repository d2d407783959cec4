"""The compact hybrid: fresh, or on top of pretrained compact backbones."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from transformers import CLIPModel, Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase

from policies.backbones.clip import compact_clip_config
from policies.backbones.kosmos2 import compact_kosmos2_config
from policies.backbones.prompts import Prompts
from policies.backbones.tokenizer import build_tokenizer
from policies.hybrid import Hybrid, HybridConfig

GRID = 8  # the compact Kosmos-2 names 8 x 8 locations


def compact_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerBase:
    """The tokenizer that both compact backbones share."""
    return build_tokenizer(texts, GRID * GRID)


def token_ids(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """What the backbones' configs need to know of their tokenizer."""
    return {
        "vocabulary": len(tokenizer),
        "pad": tokenizer.pad_token_id,
        "bos": tokenizer.bos_token_id,
        "eos": tokenizer.eos_token_id,
    }


def compact_hybrid(tokenizer: PreTrainedTokenizerBase, seed: int) -> Hybrid:
    """A hybrid of compact size with fresh weights, equal for equal seeds."""
    ids = token_ids(tokenizer)
    config = HybridConfig(
        clip=compact_clip_config(**ids).to_dict(),
        kosmos2=compact_kosmos2_config(**ids).to_dict(),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Hybrid(config, Prompts(tokenizer, tokenizer, config.prompt_length))


def adopt(hybrid: Hybrid, clip: CLIPModel | None, kosmos2: Kosmos2ForConditionalGeneration | None) -> Hybrid:
    """Put pretrained backbones into a hybrid: all their parts but the projections and the language head."""
    if clip is not None:
        hybrid.clip_vision.load_state_dict(clip.vision_model.state_dict())
        hybrid.clip_text.load_state_dict(clip.text_model.state_dict())
    if kosmos2 is not None:
        weights = {k: v for k, v in kosmos2.state_dict().items() if not k.startswith("text_model.lm_head")}
        hybrid.kosmos2.load_state_dict(weights)
    return hybrid
