"""The blind network: the words of the instruction and the odometry, through a GRU, to an action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from policies.backbones.seeded_weights import seeded_initialisation
from policies.recurrent_network import RecurrentNetwork, RecurrentOutput, build_action_mlp

ODOMETRY_SCALE = (1.0, 1.0, 1.0, 0.2, 0.5, 1.0)  # of vx, vy, wz, x, y and yaw: makes them about as large as 1


@dataclass(frozen=True)
class BlindConfig:
    """The network's shape, as saved in a checkpoint's ``config.json``.

    Attributes:
        words: The words that it knows; others are ignored, and so is the order of all.
        fused: Width of the layer over words and odometry.
        memory: Width of the GRU.
        hidden: Width inside the MLP.
    """

    words: tuple[str, ...]
    fused: int = 128
    memory: int = 128
    hidden: int = 96


def split_words(instruction: str) -> list[str]:
    """Split an instruction into its words."""
    return re.findall(r"[a-z]+", instruction.lower())


def collect_words(instructions: Iterable[str]) -> tuple[str, ...]:
    """Collect the words of some instructions, in alphabetical order."""
    return tuple(sorted({word for instruction in instructions for word in split_words(instruction)}))


class BlindNetwork(RecurrentNetwork):
    """The network, loaded by ``from_pretrained`` or built with fresh weights from a config."""

    model_type = "blind-network"
    config: BlindConfig

    def __init__(self, config: BlindConfig) -> None:
        super().__init__()
        self.config = config
        self._place = {word: place for place, word in enumerate(config.words)}
        odometry = len(ODOMETRY_SCALE)
        self.scale: torch.Tensor
        self.register_buffer("scale", torch.tensor(ODOMETRY_SCALE), persistent=False)
        self.project = nn.Sequential(nn.Linear(len(config.words) + odometry, config.fused), nn.GELU())
        self.memory = nn.GRU(config.fused, config.memory, batch_first=True)
        self.action = build_action_mlp(config.memory + config.fused, [config.hidden])

    def encode(self, instructions: Sequence[str]) -> torch.Tensor:
        """Encode n instructions (n, words): 1 for each known word that occurs, else 0."""
        encoded = torch.zeros(len(instructions), len(self.config.words))
        for row, instruction in enumerate(instructions):
            for word in split_words(instruction):
                if word in self._place:
                    encoded[row, self._place[word]] = 1.0
        return encoded

    def forward(self, words: torch.Tensor, odometry: torch.Tensor, state: torch.Tensor) -> RecurrentOutput:
        """Compute the actions for t consecutive steps of b episodes.

        Args:
            words: (b, words) from ``encode``.
            odometry: (b, t, 6) as ``ObservationBatch.agent_pos``.
            state: From ``initial_state`` or the previous output.
        """
        said = words[:, None].expand(-1, odometry.shape[1], -1)
        return self.head(torch.cat([said, odometry * self.scale], dim=-1), state)

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        return cls(BlindConfig(**{**config, "words": tuple(config["words"])}))


def build_blind_network(words: tuple[str, ...], seed: int) -> BlindNetwork:
    """Build a network with fresh weights, equal for equal seeds."""
    with seeded_initialisation(seed):
        return BlindNetwork(BlindConfig(words))
