"""A network's computation for every frame, in two parts: features of each frame, and actions from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Protocol

import torch
from torch import nn

from policies.backbones.fused.features import FusedFeatures
from policies.backbones.text.prompts import Prompt


class FrameOutput(Protocol):
    """The part of a network's output that a policy uses."""

    @property
    def actions(self) -> torch.Tensor: ...  # (n, 1, ...) in [-1, 1]
    @property
    def state(self) -> torch.Tensor: ...  # the memory after this frame


class FrameNetwork(nn.Module, ABC):
    """The base of all networks that drive.

    Args:
        source: Computes the features.
        names: Names of the features that ``decide`` takes.
    """

    def __init__(self, source: FusedFeatures, names: Collection[str]) -> None:
        super().__init__()
        self.source = source
        self.names = tuple(names)

    def features(
        self, pixels: torch.Tensor, text: torch.Tensor, kosmos2_ids: torch.Tensor, lengths: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Compute the features of n frames (n, H, W, 3) uint8 by name; the rest as in ``EpisodeStates``."""
        found: dict[str, torch.Tensor] = self.source(
            pixels, Prompt(kosmos2_ids, kosmos2_ids, lengths), self.names, text
        )
        return found

    @abstractmethod
    def decide(self, features: Mapping[str, torch.Tensor], state: torch.Tensor) -> FrameOutput:
        """Compute the actions of n slots from the features of their frames, and their memories after it."""

    def forward(
        self,
        pixels: torch.Tensor,
        text: torch.Tensor,
        kosmos2_ids: torch.Tensor,
        lengths: torch.Tensor,
        state: torch.Tensor,
    ) -> FrameOutput:
        """Do both, as one computation that can be compiled."""
        return self.decide(self.features(pixels, text, kosmos2_ids, lengths), state)
