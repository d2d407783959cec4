"""Both backbones with their tokenizers: from frames and instructions to named features."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch

from policies.backbones.checkpoint import ConfiguredModule, load_prompts
from policies.backbones.clip import encode_text_feature, encode_vision_tokens
from policies.backbones.feature_source import FeatureSource
from policies.backbones.fused.decoder import FusedDecoder
from policies.backbones.fused.features import FusedFeatures
from policies.backbones.fused.vision_tower import FusedVisionTower
from policies.backbones.kosmos2 import (
    encode_image_tokens,
    pointing_logits,
    project_to_word_embeddings,
    run_decoder,
    select_last_state,
    uncover_latents,
)
from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.text.prompts import Prompt, PromptEncoder
from policies.transformers_models import CLIPConfig, CLIPTextModel, CLIPVisionModel, Kosmos2Config, Kosmos2Model
from scenarios.common.errors import InputError

FEATURES = {
    "clip_vision": "CLIP's vision pooler (n, width)",
    "clip_tokens": "CLIP's vision tokens, the pooler's first (n, 1 + patches, width)",
    "clip_text": "CLIP's text pooler (n, width)",
    "kosmos2_vision": "Kosmos-2's vision pooler (n, width)",
    "kosmos2_tokens": "Kosmos-2's vision tokens, the pooler's first (n, 1 + patches, width)",
    "kosmos2_text": "the decoder's state at the prompt's last token, after the image and the words (n, width)",
    "kosmos2_pointing": "probability that each patch shows the object that the prompt names, in [0, 1] (n, patches)",
}


@dataclass(frozen=True)
class BackbonesConfig:
    """The backbones' own configs, as dictionaries, and the number of token ids per instruction."""

    clip: dict[str, Any]
    kosmos2: dict[str, Any]
    prompt_length: int = 24


class Backbones(ConfiguredModule, FeatureSource):
    """CLIP's two towers and Kosmos-2 without its language head.

    Raises:
        InputError: The two vision towers take pictures of different sizes.
    """

    model_type = "backbones"
    config: BackbonesConfig

    def __init__(self, config: BackbonesConfig, prompts: PromptEncoder) -> None:
        super().__init__()
        self.config = config
        self.prompts = prompts
        # Any, since transformers types the parts of a config as dictionaries, too.
        clip: Any = CLIPConfig.from_dict(config.clip)
        kosmos2: Any = Kosmos2Config.from_dict(config.kosmos2)
        self.clip_vision = CLIPVisionModel(clip.vision_config)
        self.clip_text = CLIPTextModel(clip.text_config)
        self.kosmos2 = Kosmos2Model(kosmos2)
        self.set_attention_kernel("eager")
        self.image_size = int(clip.vision_config.image_size)
        if kosmos2.vision_config.image_size != self.image_size:
            raise InputError(
                f"the two vision towers must take pictures of the same size: CLIP takes {self.image_size} pixels, "
                f"Kosmos-2 {kosmos2.vision_config.image_size}"
            )
        self.patches = {"clip": _patches(clip.vision_config), "kosmos2": _patches(kosmos2.vision_config)}
        self.widths = {
            "clip_vision": clip.vision_config.hidden_size,
            "clip_tokens": clip.vision_config.hidden_size,
            "clip_text": clip.text_config.hidden_size,
            "kosmos2_vision": kosmos2.vision_config.hidden_size,
            "kosmos2_tokens": kosmos2.vision_config.hidden_size,
            "kosmos2_text": kosmos2.text_config.embed_dim,
            "kosmos2_pointing": self.patches["kosmos2"],
        }

    def set_attention_kernel(self, kernel: str) -> None:
        for backbone in (self.clip_vision, self.clip_text, self.kosmos2):
            backbone.set_attn_implementation(kernel)
        uncover_latents(self.kosmos2)

    def text(self, clip_ids: torch.Tensor) -> torch.Tensor:
        return encode_text_feature(self.clip_text, clip_ids)

    def features(
        self, planes: torch.Tensor, prompt: Prompt, names: Collection[str], text: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Compute features as ``FeatureSource.features`` does, for the names in ``FEATURES``."""
        if unknown := sorted(set(names) - set(FEATURES)):
            raise ValueError(f"unknown features {unknown}: choose from {sorted(FEATURES)}")
        planes = normalise_pixels(planes)
        found: dict[str, torch.Tensor] = {}
        if {"clip_vision", "clip_tokens"} & set(names):
            found["clip_tokens"] = encode_vision_tokens(self.clip_vision, planes)
            found["clip_vision"] = found["clip_tokens"][:, 0]
        if "clip_text" in names:
            found["clip_text"] = self.text(prompt.clip) if text is None else text
        if any(name.startswith("kosmos2") for name in names):
            tokens = encode_image_tokens(self.kosmos2, planes)
            found["kosmos2_tokens"], found["kosmos2_vision"] = tokens, tokens[:, 0]
            if {"kosmos2_text", "kosmos2_pointing"} & set(names):
                state = select_last_state(run_decoder(self.kosmos2, tokens, prompt.kosmos2), prompt)
                found["kosmos2_text"] = state
                found["kosmos2_pointing"] = torch.sigmoid(
                    pointing_logits(project_to_word_embeddings(self.kosmos2, tokens), state)
                )
        return {name: found[name] for name in names}

    def fuse(self) -> FusedFeatures:
        return FusedFeatures(
            self.image_size,
            FusedVisionTower(self.clip_vision),
            FusedVisionTower(self.kosmos2.vision_model.model),
            FusedDecoder(self.kosmos2),
        )

    def checkpoint_prompts(self) -> PromptEncoder:
        return self.prompts

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        built = BackbonesConfig(**config)
        return cls(built, load_prompts(folder, built.prompt_length))


def _patches(vision: Any) -> int:
    """Return the number of patches that a vision tower cuts a picture into, by its config."""
    return int((vision.image_size // vision.patch_size) ** 2)
