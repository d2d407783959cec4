"""The interface of action heads: features of consecutive frames and a state in, actions and the next state out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import nn


class HeadOutput(NamedTuple):
    """Output of a head for t consecutive frames of b samples."""

    actions: torch.Tensor  # (b, t, chunk, axes) in [-1, 1]
    state: torch.Tensor  # (b, ...): memory after the last frame


class Head(nn.Module, ABC):
    """The base of all heads. t frames at once, or one at a time with the state passed on, get equal actions.

    Attributes:
        features: Channels per frame.
        axes: Axes of an action: 2 (vx, vy) or 3 (vx, vy, wz).
        chunk: Actions predicted at each frame, the current one first.
    """

    def __init__(self, features: int, *, axes: int, chunk: int, state: tuple[int, ...]) -> None:
        """Set the sizes; ``state`` is the shape of one sample's state."""
        super().__init__()
        self.features, self.axes, self.chunk = features, axes, chunk
        self._state = state

    def initial_state(self, slots: int) -> torch.Tensor:
        """Return the state of ``slots`` new episodes: zeros, (slots, ...)."""
        return next(self.parameters()).new_zeros(slots, *self._state)

    @abstractmethod
    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        """Compute the actions for features (b, t, features), given a state (b, ...) of this head."""


class ActionMLP(nn.Module):
    """MLP with GELU between the layers and tanh at the end: (..., features) to (..., chunk, axes) in [-1, 1]."""

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
