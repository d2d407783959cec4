"""The network of Stable-Baselines3's standard policies, from an observation to the action without exploration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from policies.backbones.checkpoint import ConfiguredModule
from policies.sb3.observed_parts import CHANNELS, STATE, STATE_COLUMNS, ObservedParts
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE

NATURE_CNN = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
"""Channels, kernel and stride of the layers of ``NatureCNN`` (Mnih et al. 2015, Nature 518:529)."""
SMALLEST_FRAME = 36  # pixels a side that these layers need
ACTIVATIONS: dict[str, type[nn.Module]] = {
    each.__name__: each for each in (nn.ReLU, nn.Tanh, nn.ELU, nn.GELU, nn.LeakyReLU, nn.SiLU, nn.Sigmoid)
}


@dataclass(frozen=True)
class Sb3Config:
    """The network's shape, as saved in a checkpoint's ``config.json``.

    Attributes:
        parts: What it observes.
        image_features: Width of the layer after the convolutions; 0 without frames.
        hidden: Widths of the hidden layers.
        activation: A key of ``ACTIVATIONS``, after each of them.
        scales_pixels: Whether pixels are divided by 255.
        mean_limit: Bound of the last layer's output; None for none.
        squashes: Whether the action is the hyperbolic tangent of it.
    """

    parts: ObservedParts
    image_features: int
    hidden: tuple[int, ...]
    activation: str = "Tanh"
    scales_pixels: bool = True
    mean_limit: float | None = None
    squashes: bool = False


class Sb3Network(ConfiguredModule):
    """The network, loaded by ``from_pretrained`` or built from a config.

    Raises:
        InputError: The activation is unknown, or the frames are too small for the convolutions.
    """

    model_type = "sb3"
    config: Sb3Config

    def __init__(self, config: Sb3Config) -> None:
        super().__init__()
        if config.activation not in ACTIVATIONS:
            raise InputError(f"unknown activation '{config.activation}': it can be {', '.join(ACTIVATIONS)}")
        self.config = config
        parts = config.parts
        width = STATE_COLUMNS * parts.frames if STATE in parts.keys else 0
        if parts.image_size is not None and parts.image_key is not None:
            channels = CHANNELS[parts.image_key] * parts.frames
            self.convolutions, flat = _make_convolutions(channels, parts.image_size)
            self.image = nn.Sequential(nn.Linear(flat, config.image_features), nn.ReLU())
            width += config.image_features
        layers: list[nn.Module] = []
        for wide in config.hidden:
            layers += [nn.Linear(width, wide), ACTIVATIONS[config.activation]()]
            width = wide
        self.hidden = nn.Sequential(*layers)
        self.action = nn.Linear(width, ACTION_SIZE)

    def forward(self, observation: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Compute actions (n, 3) in [-1, 1] from frames (n, h, w, c k) uint8 and states (n, 6 k) float32 by key."""
        features = [
            self._see(observation[key]) if key in CHANNELS else observation[key] for key in self.config.parts.keys
        ]
        mean = self.action(self.hidden(torch.cat(features, dim=1)))
        if self.config.mean_limit is not None:
            mean = mean.clamp(-self.config.mean_limit, self.config.mean_limit)
        return torch.tanh(mean) if self.config.squashes else mean.clamp(-1.0, 1.0)

    def _see(self, pixels: torch.Tensor) -> torch.Tensor:
        planes = pixels.permute(0, 3, 1, 2).to(torch.float32)
        return self.image(self.convolutions(planes / 255.0 if self.config.scales_pixels else planes))

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        given = dict(config["parts"])
        size = given.pop("image_size")
        parts = ObservedParts(
            **{**given, "keys": tuple(given["keys"])}, image_size=None if size is None else (size[0], size[1])
        )
        return cls(Sb3Config(**{**config, "parts": parts, "hidden": tuple(config["hidden"])}))


def _make_convolutions(channels: int, image_size: tuple[int, int]) -> tuple[nn.Sequential, int]:
    """Make the convolutions and return them with the number of values that they give."""
    if min(image_size) < SMALLEST_FRAME:
        raise InputError(
            f"frames of {image_size[0]}x{image_size[1]} pixels are too small for NatureCNN: it needs {SMALLEST_FRAME}"
        )
    layers: list[nn.Module] = []
    height, width = image_size
    for wide, kernel, stride in NATURE_CNN:
        layers += [nn.Conv2d(channels, wide, kernel, stride), nn.ReLU()]
        channels, height, width = wide, (height - kernel) // stride + 1, (width - kernel) // stride + 1
    return nn.Sequential(*layers, nn.Flatten()), channels * height * width
