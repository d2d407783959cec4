"""Preprocessing of camera frames for the vision towers: an exact box mean, CLIP's normalisation, number formats."""

from __future__ import annotations

from functools import reduce

import torch
from torch import nn

# Channel statistics in preprocessor_config.json of openai/clip-vit-base-patch32 and microsoft/kosmos-2-patch14-224.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
LARGEST_INT16_BLOCK = 11  # edge in pixels: 11 * 11 * 255 < 2**15


def downsample_frames(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """Average blocks of k x k pixels: (n, H, H, 3) uint8 to (n, 3, ``size``, ``size``) float32 in [0, 255]."""
    return average_blocks(pixels, size).permute(0, 3, 1, 2).contiguous()


def average_blocks(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """Average blocks of k x k pixels, channels last.

    Args:
        pixels: (n, H, H, 3) uint8; H is a multiple of ``size``.
        size: Edge length of the result, in pixels.

    Returns:
        (n, size, size, 3) float32 in [0, 255].
    """
    k = pixels.shape[1] // size
    dtype = torch.int16 if k <= LARGEST_INT16_BLOCK else torch.int32
    # Rows first, in integers: eight times as fast as avg_pool2d, and exact.
    rows = pixels[:, 0::k].to(dtype)
    for i in range(1, k):
        rows = rows + pixels[:, i::k]
    cells = rows.reshape(len(pixels), size, size, k, 3)
    return reduce(torch.add, cells.unbind(dim=3)).to(torch.float32) / k**2


def normalise_pixels(planes: torch.Tensor) -> torch.Tensor:
    """Normalise (n, 3, h, w) pixels in [0, 255] to the mean and standard deviation that the towers expect."""
    return (planes - _per_channel(MEAN, planes)) / _per_channel(STD, planes)


def _per_channel(values: tuple[float, ...], like: torch.Tensor) -> torch.Tensor:
    """Return values in [0, 1], scaled to 255, as (1, 3, 1, 1); filled in where they are needed, not copied there."""
    return torch.stack([like.new_full((), value) for value in values]).mul(255.0).view(1, 3, 1, 1)


def match_precision(values: torch.Tensor, tower: nn.Module) -> torch.Tensor:
    """Convert values to the number format of a tower's weights."""
    dtype = next(tower.parameters()).dtype
    return values if values.dtype == dtype else values.to(dtype)


def to_float32(feature: torch.Tensor) -> torch.Tensor:
    """Convert a feature to float32, whatever the precision of its tower."""
    return feature if feature.dtype == torch.float32 else feature.to(torch.float32)
