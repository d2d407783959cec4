"""A system as a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import nn

from policies.backbones.backbones import Backbones
from policies.backbones.feature_source import FeatureSource
from policies.inference.episode_state import EpisodeStates
from policies.inference.frame_network import FrameNetwork
from policies.inference.network_policy import NetworkPolicy
from policies.modules.heads.head import HeadOutput
from policies.modules.layers.action_chunking import ActionChunkPlayer
from policies.policy import PolicySpec
from policies.systems.backbone_sources import count_used_parameters, load_feature_source
from policies.systems.network import System
from scenarios.robot import ACTION_SIZE, IMAGE_SIZE


class _SystemFrame(FrameNetwork):
    """The computation for every frame."""

    def __init__(self, system: System, source: FeatureSource) -> None:
        super().__init__(source.fuse(), system.features)
        self.system = system

    def decide(self, features: Mapping[str, torch.Tensor], state: torch.Tensor) -> HeadOutput:
        output: HeadOutput = self.system({name: value[:, None] for name, value in features.items()}, state)
        return output


class SystemPolicy(NetworkPolicy):
    """Policy that drives with a ``System``.

    Args:
        system: The network.
        source: Computes the system's features.
        name: Name of the policy.
    """

    def __init__(self, system: System, source: FeatureSource, name: str) -> None:
        self.system = system.eval()
        config = system.row
        shared = count_used_parameters(source, system.features) if isinstance(source, Backbones) else 0
        spec = PolicySpec(
            name=name,
            image_size=IMAGE_SIZE,
            period_s=config.period_s,
            hold_action=(0.0, 0.0, 0.0),
            history=config.window,
            chunk=config.chunk,
            plays_chunk=config.chunk > 1,
            parameters=system.parameter_count + shared,
        )
        states = EpisodeStates(system.initial_state, system.widths["clip_text"], source.prompts.length)
        super().__init__(spec, _SystemFrame(system, source), source, states)
        self._player = ActionChunkPlayer(0, config.chunk, config.axes, ensemble=config.temporal_ensembling)

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> SystemPolicy:
        """Load a checkpoint folder.

        Raises:
            InputError: It or its backbones can't be read.
        """
        system = System.from_pretrained(folder)
        return cls(system, load_feature_source(system, folder), name or folder.name)

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        return (self.system, self.source)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        super().reset(slots, instructions)
        self._player.reset(slots)

    def share(self) -> Self:
        twin = super().share()
        twin._player = self._player.share()
        return twin

    def _select_actions(self, predicted: np.ndarray, live: np.ndarray) -> np.ndarray:
        played = self._player.play(predicted, live)  # from (n, chunk, axes) to (n, axes)
        actions = np.zeros((len(played), ACTION_SIZE), np.float32)
        actions[:, : played.shape[1]] = played  # a system of two axes never turns
        return actions
