"""Compact backbones and their tokenizer, with fresh or pretrained weights."""

from __future__ import annotations

from collections.abc import Iterable

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.clip import compact_clip_config
from policies.backbones.kosmos2 import compact_kosmos2_config
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import PromptEncoder
from policies.backbones.text.tokenizer import build_tokenizer
from policies.transformers_models import CLIPModel, Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase

GRID = 8  # the compact Kosmos-2 has 8 x 8 location tokens


def build_compact_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerBase:
    """Build the tokenizer that both compact backbones share."""
    return build_tokenizer(texts, GRID * GRID)


def special_token_ids(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """Return the vocabulary size and the special token ids, as the backbones' configs take them."""
    return {
        "vocabulary": len(tokenizer),
        "pad": tokenizer.pad_token_id,
        "bos": tokenizer.bos_token_id,
        "eos": tokenizer.eos_token_id,
    }


def build_compact_backbones(tokenizer: PreTrainedTokenizerBase, seed: int) -> Backbones:
    """Build both backbones at compact size with fresh weights, equal for equal seeds."""
    ids = special_token_ids(tokenizer)
    config = BackbonesConfig(compact_clip_config(**ids).to_dict(), compact_kosmos2_config(**ids).to_dict())
    with seeded_initialisation(seed):
        return Backbones(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length))


def copy_pretrained_weights(
    backbones: Backbones, clip: CLIPModel, kosmos2: Kosmos2ForConditionalGeneration
) -> Backbones:
    """Copy pretrained weights: all parts except CLIP's projections and Kosmos-2's language head."""
    backbones.clip_vision.load_state_dict(clip.vision_model.state_dict())
    backbones.clip_text.load_state_dict(clip.text_model.state_dict())
    weights = {k: v for k, v in kosmos2.state_dict().items() if not k.startswith("text_model.lm_head")}
    backbones.kosmos2.load_state_dict(weights)
    return backbones
