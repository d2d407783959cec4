"""The training task of the reference: tell from one picture what stands where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from policies.reference.network import BEARING_SCALE, LOG_SPREADS, NOTHING, RAYS_EACH, Outputs, ReferenceNetwork
from policies.reference.panorama import BOTTOM_RAD, CELLS, EYE_HEIGHT_M, TOP_RAD, compute_bearings
from policies.reference.vocabulary import KINDS
from policies.train.loop.precision import has_fast_bfloat16
from policies.train.reference.batches import TrainingBatch, collect_batch, draw_batches
from policies.train.reference.recipe import ReferenceRecipe
from policies.train.reference.views import ViewSet

ROW_WEIGHT, SCORE_WEIGHT, RAY_KIND_WEIGHT, KIND_WEIGHT, COLOUR_WEIGHT, PLACE_WEIGHT = 0.5, 0.3, 0.3, 3.0, 0.5, 1.0
NOTHING_WEIGHT = 0.5  # of cells that show no item
PLACE_BETA = 0.05  # error beyond which the loss is linear
LEAST_RANGE_M = 0.2
VALIDATION_BATCH = 64


class ReferenceTask:
    """Training task, as ``policies.train.loop.trainer.TrainingTask``."""

    name = "reference"

    def __init__(
        self,
        network: ReferenceNetwork,
        train: ViewSet,
        validation: ViewSet,
        recipe: ReferenceRecipe,
        device: torch.device,
        drawers: int = 0,
    ) -> None:
        self._network, self._train, self._validation = network, train, validation
        self._recipe, self._device, self._drawers = recipe, device, drawers
        self._weights = torch.ones(1 + len(KINDS), device=device)
        self._weights[NOTHING] = NOTHING_WEIGHT

    @property
    def steps(self) -> int:
        """Number of batches per epoch."""
        return len(self._train) // self._recipe.batch

    def batches(self, rng: np.random.Generator) -> Iterator[TrainingBatch]:
        return draw_batches(self._train, self._recipe.batch, self._recipe.augmentation, rng, self._drawers)

    def frames(self, batch: TrainingBatch) -> int:
        return len(batch.pictures)

    def loss(self, batch: TrainingBatch) -> torch.Tensor:
        moved = TrainingBatch(*(part.to(self._device, non_blocking=True) for part in batch))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=has_fast_bfloat16(self._device)):
            outputs = self._network(moved.pictures.to(memory_format=torch.channels_last))
        return self._ray_loss(outputs, moved) + self._item_loss(outputs, moved)

    def _ray_loss(self, outputs: Outputs, batch: TrainingBatch) -> torch.Tensor:
        """Compute the loss of where obstacles meet the floor, and of what they are."""
        wanted = find_rows(batch.ranges)
        spreads = outputs.spreads.clamp(*LOG_SPREADS)
        rows = ((outputs.rows - wanted).abs() * torch.exp(-spreads) + spreads).mean()  # of a Laplace distribution
        cells = wanted.unflatten(1, (CELLS, RAYS_EACH)).transpose(1, 2).floor().long().clamp(0, CELLS - 1)
        scores = nn.functional.cross_entropy(outputs.row_scores.transpose(1, 2), cells)
        kinds = nn.functional.cross_entropy(outputs.ray_kinds, batch.ray_kinds)
        return ROW_WEIGHT * rows + SCORE_WEIGHT * scores + RAY_KIND_WEIGHT * kinds

    def _item_loss(self, outputs: Outputs, batch: TrainingBatch) -> torch.Tensor:
        """Compute the loss of what cells show, and of its colour and place where they show something."""
        loss = KIND_WEIGHT * nn.functional.cross_entropy(outputs.kinds, batch.kinds, weight=self._weights)
        shown = batch.kinds != NOTHING
        if not shown.any():
            return loss
        colours = nn.functional.cross_entropy(outputs.colours.movedim(1, -1)[shown], batch.colours[shown])
        sides = torch.as_tensor(compute_bearings(CELLS), dtype=torch.float32, device=self._device)
        ranges = torch.log(batch.places[:, 0][shown].clamp(min=LEAST_RANGE_M))
        offsets = BEARING_SCALE * (batch.places[:, 1] - sides)[shown]
        found = outputs.places.movedim(1, -1)[shown]
        places = nn.functional.smooth_l1_loss(
            found, torch.stack([ranges, offsets], dim=1), beta=PLACE_BETA, reduction="none"
        )
        return loss + COLOUR_WEIGHT * colours + PLACE_WEIGHT * places.sum(dim=1).mean()

    def validate(self) -> list[float]:
        """Return nothing: it predicts no actions. How well it sees is in ``measure_errors``."""
        return []

    def measure_errors(self) -> tuple[float, float]:
        """Return the mean error of rows, in cells, and the share of cells with an item whose kind is told wrongly."""
        rows, wrong = [], []
        with torch.inference_mode():
            for first in range(0, len(self._validation), VALIDATION_BATCH):
                numbers = np.arange(first, min(first + VALIDATION_BATCH, len(self._validation)))
                batch = collect_batch(self._validation.select(numbers))
                outputs = self._network(batch.pictures.to(self._device))
                rows.append((outputs.rows.cpu() - find_rows(batch.ranges)).abs().mean(dim=1))
                shown = batch.kinds != NOTHING
                wrong.append((outputs.kinds.argmax(dim=1).cpu() != batch.kinds)[shown])
        return float(torch.cat(rows).mean()), float(torch.cat(wrong).float().mean())

    def save(self, folder: Path) -> None:
        self._network.save_pretrained(folder)


def find_rows(ranges: torch.Tensor) -> torch.Tensor:
    """Compute what ``measure_rows`` does, for tensors."""
    below = torch.atan2(torch.full_like(ranges, EYE_HEIGHT_M), ranges)
    return (below + TOP_RAD) * (CELLS / (TOP_RAD - BOTTOM_RAD))
