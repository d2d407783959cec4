"""The network of the reference: from one picture, what stands where. It knows nothing of instructions or actions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
from torch import nn

from policies.backbones.checkpoint import ConfiguredModule
from policies.backbones.seeded_weights import seeded_initialisation
from policies.reference.panorama import CELLS, RAYS
from policies.reference.vocabulary import COLOURS, KINDS

RAY_KINDS = ("wall", "obstacle", "target", "mover")
"""What the nearest thing at a bearing is: a mover may move, the others stand."""
NOTHING = 0  # the first class of a cell; kind k of ``KINDS`` is class k + 1
BEARING_SCALE = 10.0  # of the offset of an item's bearing from its cell's, so that it is learned as well as ranges
RAYS_EACH = RAYS // CELLS  # of a column of cells
LEVELS = 4
LOG_SPREADS = (-4.0, 3.0)
"""Limits of ``Outputs.spreads``, beyond which they mean the same."""


@dataclass(frozen=True)
class ReferenceConfig:
    """The network's shape, as saved in a checkpoint's ``config.json``.

    Attributes:
        stem: Channels of the first convolution.
        widths: Channels at each of four scales, the finest first.
        blocks: Residual blocks at each scale, on the way down.
        context: Width of the layer that sees the whole picture.
        column: Channels of a column's summary.
    """

    stem: int = 16
    widths: tuple[int, int, int, int] = (32, 64, 96, 128)
    blocks: tuple[int, int, int, int] = (1, 1, 2, 2)
    context: int = 256
    column: int = 96


class Outputs(NamedTuple):
    """What the network says of n pictures."""

    rows: torch.Tensor
    """(n, rays): the row, in cells, in which the nearest obstacle at a bearing meets the floor."""
    spreads: torch.Tensor
    """(n, rays): logarithm of how far off that is expected to be, in cells."""
    row_scores: torch.Tensor
    """(n, rays of a column, cells, cells): log odds of each cell of a column to hold that row."""
    ray_kinds: torch.Tensor
    """(n, kinds, rays): log odds of ``RAY_KINDS``."""
    kinds: torch.Tensor
    """(n, 1 + kinds, cells, cells): log odds of nothing, or an item of one of ``KINDS``, in a cell."""
    colours: torch.Tensor
    """(n, colours, cells, cells): log odds of that item's colour."""
    places: torch.Tensor
    """(n, 2, cells, cells): logarithm of the range, m, of its middle, and its bearing, rad * ``BEARING_SCALE``, both
    from the camera; the bearing from that of the cell."""


class ReferenceNetwork(ConfiguredModule):
    """The network, loaded by ``from_pretrained`` or built with fresh weights from a config."""

    model_type = "reference"
    config: ReferenceConfig

    def __init__(self, config: ReferenceConfig) -> None:
        super().__init__()
        self.config = config
        widths, finest, coarsest = config.widths, config.widths[0], config.widths[-1]
        self.stem = nn.Sequential(_convolution(3, config.stem, 2), _convolution(config.stem, finest, 2))
        self.down = nn.ModuleList(
            nn.Sequential(
                *([_convolution(before, width, 2)] if level else []),
                *(ResidualBlock(width) for _ in range(config.blocks[level])),
            )
            for level, (before, width) in enumerate(zip((finest, *widths), widths, strict=False))
        )
        places = (CELLS // 2 ** (LEVELS - 1)) ** 2
        self.context = nn.Sequential(
            nn.Flatten(), nn.Linear(places * coarsest, config.context), nn.ReLU(), nn.Linear(config.context, coarsest)
        )
        self.narrow = nn.ModuleList(nn.Conv2d(widths[level + 1], widths[level], 1) for level in range(LEVELS - 1))
        self.up = nn.ModuleList(ResidualBlock(widths[level]) for level in range(LEVELS - 1))
        self.items = nn.Conv2d(finest, 1 + len(KINDS) + len(COLOURS) + 2, 1)
        self.edges = nn.Conv2d(finest, 2 * RAYS_EACH, 1)
        self.column = nn.Sequential(
            nn.Conv2d(finest, config.column, (CELLS, 1)),
            nn.ReLU(),
            nn.Conv2d(config.column, config.column, (1, 5), padding=(0, 2)),
            nn.ReLU(),
        )
        self.rays = nn.Conv2d(config.column, RAYS_EACH * (CELLS + len(RAY_KINDS) + 1), 1)

    def forward(self, pictures: torch.Tensor) -> Outputs:
        """Tell what stands where in pictures (n, 3, size, size), in [0, 255]."""
        found = self._describe(pictures / 255.0 - 0.5)
        items = self.items(found).float()
        kinds, colours, places = items.split([1 + len(KINDS), len(COLOURS), 2], dim=1)
        scores, offsets = self.edges(found).float().chunk(2, dim=1)  # (n, rays of a column, cells, cells) each
        rays = self.rays(self.column(found)).float()[:, :, 0]  # (n, channels, cells)
        more, ray_kinds, spreads = rays.unflatten(1, (RAYS_EACH, -1)).split([CELLS, len(RAY_KINDS), 1], dim=2)
        scores = scores + more
        middles = torch.arange(CELLS, device=scores.device)[:, None] + 0.5
        rows = (scores.softmax(dim=2) * (middles + offsets)).sum(dim=2)  # (n, rays of a column, cells)
        return Outputs(
            _join_rays(rows[:, :, None])[:, 0],
            _join_rays(spreads)[:, 0],
            scores,
            _join_rays(ray_kinds),
            kinds,
            colours,
            places,
        )

    def _describe(self, pixels: torch.Tensor) -> torch.Tensor:
        """Describe each cell, (n, finest width, cells, cells)."""
        scales = []
        found = self.stem(pixels)
        for scale in self.down:
            found = scale(found)
            scales.append(found)
        found = found + self.context(found)[:, :, None, None]
        for level in reversed(range(LEVELS - 1)):
            finer = nn.functional.interpolate(self.narrow[level](found), scale_factor=2.0, mode="nearest")
            found = self.up[level](scales[level] + finer)
        return found

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        tuples = {name: tuple(config[name]) for name in ("widths", "blocks")}
        return cls(ReferenceConfig(**{**config, **tuples}))


class ResidualBlock(nn.Module):
    """Two convolutions, whose result is added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolution(width, width, 1)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        return torch.relu(found + self.second(self.first(found)))


def _convolution(before: int, width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())


def _join_rays(parts: torch.Tensor) -> torch.Tensor:
    """Put the rays of all columns in order: (n, rays of a column, channels, cells) to (n, channels, rays)."""
    return parts.permute(0, 2, 3, 1).flatten(2)


def build_reference(config: ReferenceConfig, seed: int) -> ReferenceNetwork:
    """Build a network with fresh weights, equal for equal seeds."""
    with seeded_initialisation(seed):
        return ReferenceNetwork(config)
