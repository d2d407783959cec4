"""From camera frames to what a vision tower takes: an exact box mean down to its size, then CLIP's normalisation."""

from __future__ import annotations

import torch

# Channel statistics in preprocessor_config.json of openai/clip-vit-base-patch32 and microsoft/kosmos-2-patch14-224.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def shrink(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """Average k x k pixels into one, so that the picture becomes ``size`` x ``size``.

    Args:
        pixels: (n, H, H, 3) uint8; H is a multiple of ``size``.
        size: Edge of the answer in pixels.

    Returns:
        (n, 3, size, size) float32 in [0, 255].
    """
    factor = pixels.shape[1] // size
    planes = pixels.permute(0, 3, 1, 2).to(torch.float32)  # (n, 3, H, H)
    return planes if factor == 1 else torch.nn.functional.avg_pool2d(planes, factor)


def normalise(planes: torch.Tensor) -> torch.Tensor:
    """(n, 3, h, w) in [0, 255] to the towers' scale."""
    mean = torch.tensor(MEAN, dtype=planes.dtype, device=planes.device).mul(255.0).view(1, 3, 1, 1)
    std = torch.tensor(STD, dtype=planes.dtype, device=planes.device).mul(255.0).view(1, 3, 1, 1)
    return (planes - mean) / std
