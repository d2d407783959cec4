"""What every action head is: features of consecutive frames and a state in, actions and the next state out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import nn


class HeadOutput(NamedTuple):
    """What a head answers to t consecutive frames of b samples."""

    actions: torch.Tensor  # (b, t, chunk, axes) in [-1, 1]
    state: torch.Tensor  # (b, ...): what it remembers after the last frame


class Head(nn.Module, ABC):
    """The base of all heads. t frames at once and the same frames one at a time, state carried, get equal answers.

    Attributes:
        features: Channels of a frame.
        axes: Of an action: 2 (vx, vy) or 3 (vx, vy, wz).
        chunk: Actions predicted at each frame, the present one first.
    """

    def __init__(self, features: int, *, axes: int, chunk: int, state: tuple[int, ...]) -> None:
        """``state`` is the shape of one sample's state."""
        super().__init__()
        self.features, self.axes, self.chunk = features, axes, chunk
        self._state = state

    def initial_state(self, slots: int) -> torch.Tensor:
        """The state of ``slots`` episodes that have seen nothing: zeros, (slots, ...)."""
        return next(self.parameters()).new_zeros(slots, *self._state)

    @abstractmethod
    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        """Actions for features (b, t, features), from a state (b, ...) that this head made."""


class ActionMLP(nn.Module):
    """Linear layers with GELU between them and tanh at the end: (..., features) to (..., chunk, axes) in [-1, 1]."""

    def __init__(self, features: int, *, hidden: tuple[int, ...], axes: int, chunk: int) -> None:
        super().__init__()
        widths = (features, *hidden)
        layers: list[nn.Module] = []
        for i, width in enumerate(hidden):
            layers += [nn.Linear(widths[i], width), nn.GELU()]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], chunk * axes), nn.Tanh())
        self.shape = (chunk, axes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        actions: torch.Tensor = self.layers(features)
        return actions.unflatten(-1, self.shape)
