"""Builders of compact hybrids, with fresh weights or with a fresh head on trained backbones."""

from __future__ import annotations

from policies.backbones.backbones import Backbones
from policies.backbones.clip import compact_clip_config
from policies.backbones.compact import special_token_ids
from policies.backbones.kosmos2 import compact_kosmos2_config
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import PromptEncoder
from policies.hybrid.network import Hybrid, HybridConfig
from policies.transformers_models import PreTrainedTokenizerBase


def build_compact_hybrid(tokenizer: PreTrainedTokenizerBase, seed: int) -> Hybrid:
    """Build a hybrid of compact size with fresh weights, equal for equal seeds."""
    ids = special_token_ids(tokenizer)
    config = HybridConfig(
        clip=compact_clip_config(**ids).to_dict(),
        kosmos2=compact_kosmos2_config(**ids).to_dict(),
    )
    with seeded_initialisation(seed):
        return Hybrid(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length))


def build_hybrid_from_backbones(backbones: Backbones, seed: int) -> Hybrid:
    """Build a compact hybrid with a fresh head on trained backbones."""
    hybrid = build_compact_hybrid(backbones.prompts.kosmos2, seed)
    hybrid.backbones.load_state_dict(backbones.state_dict())
    return hybrid
