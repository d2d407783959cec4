"""The base of networks with a memory: features of a frame, a GRU over them, and an MLP that answers with actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn

from policies.backbones.checkpoint import ConfiguredModule
from scenarios.robot import ACTION_SIZE


class RecurrentOutput(NamedTuple):
    """Output of the head."""

    actions: torch.Tensor  # (b, t, 3) in [-1, 1]
    state: torch.Tensor  # (layers, b, width), after the last frame


class RecurrentNetwork(ConfiguredModule):
    """The base of these networks.

    The MLP sees the features of the frame beside what the GRU remembers, so that the memory need not pass them on.

    Attributes:
        project: Projects the features of a frame.
        memory: Remembers them.
        action: Computes the action before its hyperbolic tangent, as ``build_action_mlp`` makes it.
    """

    project: nn.Sequential
    memory: nn.GRU
    action: nn.Sequential

    def initial_state(self, slots: int) -> torch.Tensor:
        """Return the memory of ``slots`` new episodes, (layers, slots, width)."""
        device = next(self.memory.parameters()).device
        return torch.zeros(self.memory.num_layers, slots, self.memory.hidden_size, device=device)

    def head(self, fused: torch.Tensor, state: torch.Tensor) -> RecurrentOutput:
        """Compute the actions for t consecutive frames of b episodes from their features (b, t, features)."""
        projected = self.project(fused)
        remembered, state = self.memory(projected, state)
        return RecurrentOutput(self._act(remembered, projected), state)

    def _act(self, remembered: torch.Tensor, projected: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.action(torch.cat([remembered, projected], dim=-1)))


def build_action_mlp(width: int, hidden: Sequence[int]) -> nn.Sequential:
    """Build an MLP with GELU between the layers, from ``width`` features to the axes of an action."""
    layers: list[nn.Module] = []
    for wide in hidden:
        layers += [nn.Linear(width, wide), nn.GELU()]
        width = wide
    return nn.Sequential(*layers, nn.Linear(width, ACTION_SIZE))
