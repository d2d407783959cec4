"""What both backbones are asked beside their own loss: to name what is in each cell, to point, to tell the action."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from policies.dataset import SeenObject
from policies.train.data.caption_samples import CaptionSample, measure_box_area

CONTRASTIVE_WEIGHT = 3.0  # weight of telling a thing's words from all others, as colours are learned long before shapes
NAMING_WEIGHT = 20.0  # weight of the naming and pointing losses; few cells hold anything, so their means are small
ACTION_WEIGHT = 6.0  # weight of telling the expert's action
HUBER_BETA = 0.1  # error beyond which that loss is linear


def find_object_cells(seen: SeenObject, grid: int) -> np.ndarray:
    """Find the cells of the grid that a thing is in, (grid * grid) bool.

    Of the cell or of the thing, at least a fifth lies in the other.
    """
    edges = np.arange(grid + 1) / grid
    x0, y0, x1, y1 = seen.box
    wide = np.clip(np.minimum(edges[1:], x1) - np.maximum(edges[:-1], x0), 0.0, None)  # (grid,)
    high = np.clip(np.minimum(edges[1:], y1) - np.maximum(edges[:-1], y0), 0.0, None)  # (grid,)
    inside: np.ndarray = high[:, None] * wide[None, :] > 0.2 * min(1.0 / grid**2, measure_box_area(seen))
    return inside.reshape(grid * grid)


def label_cell_words(objects: Sequence[SeenObject], words: Sequence[str], grid: int) -> np.ndarray:
    """Mark which words name something in each cell of the grid, (grid * grid, words) float32 of 0 and 1."""
    named = np.zeros((grid * grid, len(words)), np.float32)
    for seen in objects:
        inside = find_object_cells(seen, grid)
        for word in seen.phrase.split():
            named[inside, words.index(word)] = 1.0
    return named


def action_loss(predicted: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """Compute how far (n, 3) predictions are from the expert's actions: Huber's loss, 0 of no samples."""
    return nn.functional.smooth_l1_loss(predicted, actions, beta=HUBER_BETA, reduction="sum") / max(1, actions.numel())


def collect_words(samples: Sequence[CaptionSample]) -> list[str]:
    """Collect every word that names something in some captioned frames."""
    return sorted({word for sample in samples for seen in sample.objects for word in seen.phrase.split()})


def naming_loss(scores: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """Compute how far log odds (n, cells, words) are from naming what is in each cell.

    Every word counts by itself, and all against each other. ``named`` is as in ``contrastive_naming_loss``.
    """
    naming = nn.functional.binary_cross_entropy_with_logits(scores, named) * NAMING_WEIGHT
    return naming + CONTRASTIVE_WEIGHT * contrastive_naming_loss(scores, named)


def contrastive_naming_loss(scores: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """Compute the cross entropy between a cell's words and its likeness to all words, over cells that hold something.

    Args:
        scores: (n, cells, words) log odds. named: (n, cells, words), 1 where a word names something in a cell.
    """
    held = named.sum(dim=-1) > 0
    target = named[held] / named[held].sum(dim=-1, keepdim=True)
    return nn.functional.cross_entropy(scores[held], target)


def pointing_loss(scores: torch.Tensor, named: Sequence[Sequence[SeenObject]], grid: int) -> torch.Tensor:
    """Compute how far log odds (n, grid * grid) are from pointing at what is named and at nothing else."""
    where = np.zeros(tuple(scores.shape), np.float32)
    for row, objects in zip(where, named, strict=True):
        for seen in objects:
            row[find_object_cells(seen, grid)] = 1.0
    target = torch.from_numpy(where).to(scores.device)
    return nn.functional.binary_cross_entropy_with_logits(scores, target) * NAMING_WEIGHT
