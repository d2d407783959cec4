"""A system's own CLIP: both towers, fine-tuned with its head and saved in its checkpoint."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch

from policies.backbones.backbones import Backbones
from policies.backbones.clip import encode_text_feature, encode_vision_feature
from policies.backbones.feature_source import FeatureSource
from policies.backbones.fused.features import FusedFeatures
from policies.backbones.fused.vision_tower import FusedVisionTower
from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.text.prompts import Prompt, PromptEncoder
from policies.transformers_models import CLIPConfig, CLIPTextModel, CLIPVisionModel


class FineTunedClip(FeatureSource):
    """Source of ``clip_vision`` and ``clip_text``, as computed by ``Backbones``, with trainable weights.

    Args:
        config: A ``CLIPConfig`` as a dictionary.
        prompts: The tokenizers; only the ids for CLIP are used.
    """

    def __init__(self, config: dict[str, Any], prompts: PromptEncoder) -> None:
        super().__init__()
        self.config = config
        self.prompts = prompts
        # Any, since transformers types the parts of a config as dictionaries, too.
        clip: Any = CLIPConfig.from_dict(config)
        self.vision = CLIPVisionModel(clip.vision_config)
        self.words = CLIPTextModel(clip.text_config)
        self.set_attention_kernel("eager")
        self.image_size = int(clip.vision_config.image_size)

    @classmethod
    def from_backbones(cls, backbones: Backbones) -> FineTunedClip:
        """Build a copy of the shared CLIP."""
        clip = cls(backbones.config.clip, backbones.prompts)
        clip.vision.load_state_dict(backbones.clip_vision.state_dict())
        clip.words.load_state_dict(backbones.clip_text.state_dict())
        return clip

    def set_attention_kernel(self, kernel: str) -> None:
        for tower in (self.vision, self.words):
            tower.set_attn_implementation(kernel)

    def text(self, clip_ids: torch.Tensor) -> torch.Tensor:
        return encode_text_feature(self.words, clip_ids)

    def fuse(self) -> FusedFeatures:
        return FusedFeatures(self.image_size, FusedVisionTower(self.vision))

    def features(
        self, planes: torch.Tensor, prompt: Prompt, names: Collection[str], text: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Compute features as ``FeatureSource.features`` does, for the names "clip_vision" and "clip_text"."""
        if unknown := sorted(set(names) - {"clip_vision", "clip_text"}):
            raise ValueError(f"a system's own CLIP computes 'clip_vision' and 'clip_text', not {unknown}")
        found = {}
        if "clip_vision" in names:
            found["clip_vision"] = encode_vision_feature(self.vision, normalise_pixels(planes))
        if "clip_text" in names:
            found["clip_text"] = self.text(prompt.clip) if text is None else text
        return found
