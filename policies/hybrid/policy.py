"""A trained hybrid as a policy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from policies.hybrid.network import FEATURES, Hybrid
from policies.inference.episode_state import EpisodeStates
from policies.inference.frame_network import FrameNetwork
from policies.inference.network_policy import NetworkPolicy
from policies.policy import PolicySpec
from policies.recurrent_network import RecurrentOutput
from scenarios.robot import CONTROL_PERIOD_S, IMAGE_SIZE


class _HybridFrame(FrameNetwork):
    """The computation for every frame."""

    def __init__(self, model: Hybrid) -> None:
        super().__init__(model.backbones.fuse(), FEATURES)
        self.model = model

    def decide(self, features: Mapping[str, torch.Tensor], state: torch.Tensor) -> RecurrentOutput:
        return self.model.step(self.model.join_features(features), state)


class HybridPolicy(NetworkPolicy):
    """Policy that drives with a ``Hybrid``."""

    def __init__(self, model: Hybrid, name: str) -> None:
        self.model = model.eval()
        spec = PolicySpec(
            name=name,
            image_size=IMAGE_SIZE,
            period_s=CONTROL_PERIOD_S,
            hold_action=(0.0, 0.0, 0.0),
            history=0,
            parameters=model.parameter_count,
        )
        width = model.backbones.widths["clip_text"]
        states = EpisodeStates(model.initial_state, width, model.config.prompt_length, slot_axis=1)
        super().__init__(spec, _HybridFrame(model), model.backbones, states)

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> HybridPolicy:
        """Load a checkpoint folder.

        Raises:
            InputError: It can't be read.
        """
        return cls(Hybrid.from_pretrained(folder), name or folder.name)

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        return (self.model,)

    def _select_actions(self, predicted: np.ndarray, live: np.ndarray) -> np.ndarray:
        return predicted.astype(np.float32)  # (n, 3)
