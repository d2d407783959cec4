"""The network of the reference: what is seen, what is said and where the robot is, joined in one recurrent head.

It joins in one network what the hybrid takes from two frozen backbones. The lower half of its vision tower knows
nothing of the instruction, and its tokens are asked for the words that name what is in them; the instruction points at
the tokens of what it names; the upper half is modulated by the instruction. All of it learns from actions and captions
at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
from torch import nn

from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.seeded_weights import seeded_initialisation
from policies.recurrent_network import RecurrentNetwork, build_action_mlp
from policies.reference.layers import STEM_STRIDE, Modulation, TransformerBlock, build_stem
from policies.reference.words import KNOWN_FROM, PADDING, WordEncoder

ODOMETRY = slice(3, 6)  # of ``agent_pos``: x, y and yaw; with velocities, a network learns to repeat its last action
ODOMETRY_SCALE = (0.2, 0.5, 1.0)  # makes them about as large as 1


@dataclass(frozen=True)
class ReferenceConfig:
    """The network's shape, as saved in a checkpoint's ``config.json``.

    Attributes:
        words: The words that it knows.
        image_size: Edge of the pictures, in pixels.
        stem: Channels of the first three convolutions.
        width, heads: Of all blocks.
        text_blocks: Blocks over the words.
        blocks: Blocks over the picture below and above the place where the instruction comes in.
        places: Channels kept of each token.
        fused, memory: Widths of the joined features and of the GRU.
        hidden: Widths inside the MLP.
        length: Words per instruction.
    """

    words: tuple[str, ...]
    image_size: int = 112
    stem: tuple[int, int, int] = (24, 48, 96)
    width: int = 192
    heads: int = 6
    text_blocks: int = 2
    blocks: tuple[int, int] = (3, 3)
    places: int = 16
    fused: int = 320
    memory: int = 256
    hidden: tuple[int, int] = (256, 128)
    length: int = 24


class Seen(NamedTuple):
    """What the network makes of n frames."""

    fused: torch.Tensor  # (n, features): input of the head
    pointing: torch.Tensor  # (n, cells): log odds that the instruction names what is in a cell
    tokens: torch.Tensor  # (n, cells, width): of the lower half, in the space of the words


class ReferenceNetwork(RecurrentNetwork):
    """The network, loaded by ``from_pretrained`` or built with fresh weights from a config."""

    model_type = "reference"
    config: ReferenceConfig

    def __init__(self, config: ReferenceConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = WordEncoder(config.words, config.length)
        self.grid = config.image_size // STEM_STRIDE
        width, cells = config.width, self.grid**2
        self.word_embedding = nn.Embedding(KNOWN_FROM + len(config.words), width, PADDING)
        self.word_positions = nn.Parameter(0.1 * torch.randn(config.length, width))
        self.text_blocks = nn.ModuleList(TransformerBlock(width, config.heads) for _ in range(config.text_blocks))
        self.text_norm = nn.LayerNorm(width)
        self.stem = build_stem(config.stem, width)
        self.cell_positions = nn.Parameter(0.1 * torch.randn(cells, width))
        lower, upper = config.blocks
        self.lower = nn.ModuleList(TransformerBlock(width, config.heads) for _ in range(lower))
        self.naming = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width))
        self.asking = nn.Linear(width, width)
        self.pointed = nn.Parameter(0.1 * torch.randn(width))
        self.modulations = nn.ModuleList(Modulation(width) for _ in range(upper))
        self.upper = nn.ModuleList(TransformerBlock(width, config.heads) for _ in range(upper))
        self.places = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, config.places))
        self.scale: torch.Tensor
        self.register_buffer("scale", torch.tensor(ODOMETRY_SCALE), persistent=False)
        features = cells * (config.places + 1) + 2 * width + len(ODOMETRY_SCALE)
        self.project = nn.Sequential(nn.Linear(features, config.fused), nn.GELU(), nn.LayerNorm(config.fused))
        self.memory = nn.GRU(config.fused, config.memory, batch_first=True)
        self.action = build_action_mlp(config.memory + config.fused, config.hidden)

    def read(self, ids: torch.Tensor) -> torch.Tensor:
        """Compute what n instructions (n, length) ask for, (n, width). It is constant during an episode."""
        tokens = self.word_embedding(ids) + self.word_positions
        known = ids != PADDING
        seen = known | ~known.any(dim=1, keepdim=True)  # without any word, all paddings are read
        for block in self.text_blocks:
            tokens = block(tokens, seen)
        shares = seen.to(tokens.dtype) / seen.sum(dim=1, keepdim=True)
        query: torch.Tensor = self.text_norm((tokens * shares[..., None]).sum(dim=1))
        return query

    def see(self, planes: torch.Tensor, query: torch.Tensor, odometry: torch.Tensor) -> Seen:
        """Compute the head's input for n frames.

        Args:
            planes: (n, 3, size, size) in [0, 255].
            query: (n, width) from ``read``.
            odometry: (n, 3): x, y and yaw.
        """
        pixels = normalise_pixels(planes).to(self.pointed.dtype)
        tokens = self.stem(pixels).flatten(2).transpose(1, 2) + self.cell_positions
        for block in self.lower:
            tokens = block(tokens)
        named = self.naming(tokens)
        pointing = self.point(named, query)
        tokens = tokens + torch.sigmoid(pointing)[..., None] * self.pointed
        for modulation, block in zip(self.modulations, self.upper, strict=True):
            tokens = block(modulation(tokens, query))
        places = self.places(tokens).flatten(1)
        where = (odometry * self.scale).to(tokens.dtype)
        parts = [places, torch.sigmoid(pointing), tokens.mean(dim=1), query, where]
        return Seen(torch.cat(parts, dim=1), pointing, named)

    def point(self, named: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        """Compute the log odds (n, cells) that a query (n, width) asks for what is in each cell (n, cells, width)."""
        asked = self.asking(query)[..., None]
        scores: torch.Tensor = (named @ asked)[..., 0] * self.config.width**-0.5 - 2.0  # few cells are asked for
        return scores

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        pairs = {name: tuple(config[name]) for name in ("words", "stem", "blocks", "hidden")}
        return cls(ReferenceConfig(**{**config, **pairs}))


def build_reference(config: ReferenceConfig, seed: int) -> ReferenceNetwork:
    """Build a network with fresh weights, equal for equal seeds."""
    with seeded_initialisation(seed):
        return ReferenceNetwork(config)
