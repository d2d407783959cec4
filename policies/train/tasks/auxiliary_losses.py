"""Auxiliary losses of both backbones: naming the objects in each cell, pointing, predicting the action."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from policies.dataset import SeenObject
from policies.train.data.caption_samples import CaptionSample, measure_box_area

CONTRASTIVE_WEIGHT = 3.0  # of the contrastive part of naming: without it, colours are learned long before shapes
NAMING_WEIGHT = 20.0  # of the naming and pointing losses: few cells contain objects, so their means are small
ACTION_WEIGHT = 6.0  # of predicting the expert's action
HUBER_BETA = 0.1  # error beyond which that loss is linear


def find_object_cells(seen: SeenObject, grid: int) -> np.ndarray:
    """Find the cells of the grid that contain an object, (grid * grid) bool.

    The overlap must be more than a fifth of the smaller of the cell and the object.
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
    """Compute the Huber loss of predicted actions (n, 3); 0 if there are none."""
    return nn.functional.smooth_l1_loss(predicted, actions, beta=HUBER_BETA, reduction="sum") / max(1, actions.numel())


def collect_words(samples: Sequence[CaptionSample]) -> list[str]:
    """Collect every word of the phrases in some captioned frames, sorted."""
    return sorted({word for sample in samples for seen in sample.objects for word in seen.phrase.split()})


def naming_loss(scores: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """Compute the loss of log odds (n, cells, words) that name the objects in each cell.

    The sum of a binary loss per word and ``contrastive_naming_loss`` between the words; ``named`` is as there.
    """
    naming = nn.functional.binary_cross_entropy_with_logits(scores, named) * NAMING_WEIGHT
    return naming + CONTRASTIVE_WEIGHT * contrastive_naming_loss(scores, named)


def contrastive_naming_loss(scores: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """Compute the cross entropy between a cell's words and its scores of all words, over cells that contain an object.

    Args:
        scores: (n, cells, words) log odds.
        named: (n, cells, words), 1 where a word names an object in a cell.
    """
    labelled = named.sum(dim=-1) > 0
    target = named[labelled] / named[labelled].sum(dim=-1, keepdim=True)
    return nn.functional.cross_entropy(scores[labelled], target)


def pointing_loss(scores: torch.Tensor, named: Sequence[Sequence[SeenObject]], grid: int) -> torch.Tensor:
    """Compute the loss of log odds (n, grid * grid) that point at the named objects and at nothing else."""
    where = np.zeros(tuple(scores.shape), np.float32)
    for row, objects in zip(where, named, strict=True):
        for seen in objects:
            row[find_object_cells(seen, grid)] = 1.0
    target = torch.from_numpy(where).to(scores.device)
    return nn.functional.binary_cross_entropy_with_logits(scores, target) * NAMING_WEIGHT
