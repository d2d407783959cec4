"""The hybrid network: vision and text features of CLIP and Kosmos-2, and one recurrent head.

The published network (4352 -> 2048 -> recurrent -> 1024, 512, 256 -> actions) at any width: the four features are
concatenated with a few channels of every patch and with Kosmos-2's pointing at the named object, projected, and passed
to a GRU. An MLP of three layers computes the action from the GRU's output and the current projection, so that the
memory need not pass it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.checkpoint import load_prompts
from policies.backbones.preprocessing import downsample_frames
from policies.backbones.text.prompts import Prompt, PromptEncoder
from policies.recurrent_network import RecurrentNetwork, RecurrentOutput, build_action_mlp

FEATURES = ("clip_tokens", "clip_text", "kosmos2_tokens", "kosmos2_text", "kosmos2_pointing")


@dataclass(frozen=True)
class HybridConfig:
    """The network's shape, as saved in a checkpoint's ``config.json``.

    Attributes:
        clip, kosmos2: The backbones' own configs, as dictionaries.
        places: Channels kept of each patch of CLIP's and of Kosmos-2's tower, in addition to the pooled feature.
        fused: Width of the projected features.
        recurrent: Width and depth of the GRU.
        hidden: Widths inside the MLP.
        prompt_length: Token ids per instruction.
    """

    clip: dict[str, Any]
    kosmos2: dict[str, Any]
    places: tuple[int, int] = (8, 4)
    fused: int = 176
    recurrent: tuple[int, int] = (160, 1)
    hidden: tuple[int, int] = (192, 96)
    prompt_length: int = 24


class Hybrid(RecurrentNetwork):
    """The hybrid network, loaded by ``from_pretrained`` or built with fresh weights from a config and tokenizers."""

    model_type = "hybrid"
    config: HybridConfig

    def __init__(self, config: HybridConfig, prompts: PromptEncoder) -> None:
        super().__init__()
        self.config = config
        self.prompts = prompts
        self.backbones = Backbones(BackbonesConfig(config.clip, config.kosmos2, config.prompt_length), prompts)
        self.image_size = self.backbones.image_size
        # A pooled feature tells what is visible, and only late in training also where; driving needs to know where.
        widths, patches = self.backbones.widths, self.backbones.patches
        self.clip_places = nn.Linear(widths["clip_tokens"], config.places[0])
        self.kosmos2_places = nn.Linear(widths["kosmos2_tokens"], config.places[1])
        features_in = (
            config.places[0] * patches["clip"]
            + config.places[1] * patches["kosmos2"]
            + sum(widths[name] for name in FEATURES)
        )
        width, layers = config.recurrent
        self.project = nn.Sequential(
            nn.LayerNorm(features_in), nn.Linear(features_in, config.fused), nn.GELU(), nn.LayerNorm(config.fused)
        )
        self.memory = nn.GRU(config.fused, width, layers, batch_first=True)
        self.action = build_action_mlp(width + config.fused, config.hidden)

    def text(self, clip_ids: torch.Tensor) -> torch.Tensor:
        """Compute CLIP's feature of instructions, (n, hidden). It is constant in an episode, so it can be cached."""
        return self.backbones.text(clip_ids)

    def fuse(
        self, planes: torch.Tensor, text: torch.Tensor, kosmos2_ids: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        """Compute and concatenate all features of n frames, (n, features).

        Args:
            planes: (n, 3, size, size) in [0, 255], already at the towers' image size.
            text: (n, hidden) from ``text``.
            kosmos2_ids, lengths: (n, length) and (n,), the instructions' prompts.
        """
        prompt = Prompt(kosmos2_ids, kosmos2_ids, lengths)
        return self.join_features(self.backbones.features(planes, prompt, FEATURES, text))

    def join_features(self, found: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Concatenate the features (n, ...) named in ``FEATURES``, with a few channels of every patch."""
        clip, kosmos2 = found["clip_tokens"], found["kosmos2_tokens"]
        return torch.cat(
            [
                self.clip_places(clip[:, 1:]).flatten(1),
                self.kosmos2_places(kosmos2[:, 1:]).flatten(1),
                clip[:, 0],
                found["clip_text"],
                kosmos2[:, 0],
                found["kosmos2_text"],
                found["kosmos2_pointing"],
            ],
            dim=-1,
        )

    def step(self, fused: torch.Tensor, state: torch.Tensor) -> RecurrentOutput:
        """Compute the actions (b, 1, 3) for one frame of b episodes from its features (b, features), as ``head`` does.

        Without autograd this is several times as fast, since ``nn.GRU`` packs its weights anew at every call.
        """
        projected = hidden = self.project(fused)
        layers = []
        for layer, weights in enumerate(self.memory.all_weights):
            hidden = torch.gru_cell(hidden, state[layer], *weights)
            layers.append(hidden)
        return RecurrentOutput(self._act(hidden, projected)[:, None], torch.stack(layers))

    def forward(
        self,
        pixels: torch.Tensor,
        clip_ids: torch.Tensor,
        kosmos2_ids: torch.Tensor,
        lengths: torch.Tensor,
        state: torch.Tensor,
    ) -> RecurrentOutput:
        """Compute the actions (n, 1, 3) for one frame of each of n episodes.

        Args:
            pixels: (n, H, H, 3) uint8.
            clip_ids, kosmos2_ids, lengths: The instructions' prompts.
            state: The memory before this frame.
        """
        fused = self.fuse(downsample_frames(pixels, self.image_size), self.text(clip_ids), kosmos2_ids, lengths)
        return self.head(fused[:, None], state)

    def checkpoint_prompts(self) -> PromptEncoder:
        return self.prompts

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        pairs = {name: tuple(config[name]) for name in ("places", "recurrent", "hidden")}
        built = HybridConfig(**{**config, **pairs})
        return cls(built, load_prompts(folder, built.prompt_length))
