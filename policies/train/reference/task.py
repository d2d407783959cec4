"""The training task of the reference: imitate the expert, and name and point at what captions say is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from policies.reference.network import ODOMETRY, ReferenceNetwork
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import change_colours
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.reference.batches import CaptionedFrames, ReferenceBatch, ReferenceData, draw_reference_batches
from policies.train.reference.recipe import ReferenceBatches
from policies.train.tasks.auxiliary_losses import NAMING_WEIGHT, naming_loss
from policies.train.tasks.validation import gather_planes, validate_episodes
from scenarios.robot import ACTION_SIZE

HUBER_BETA = 0.1  # error beyond which the loss is linear
CAPTION_WEIGHT = 0.1  # of naming and pointing beside the loss of actions, which ends at about 0.05
ABSENCE_LOG_ODDS = 4.0  # of a word: most name nothing in most cells


class _Trunk(nn.Module):
    """Per-frame part of the network: the head's input for all frames, and for captioned ones cells and pointing."""

    def __init__(self, network: ReferenceNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        planes: torch.Tensor,
        words: torch.Tensor,
        odometry: torch.Tensor,
        rows: torch.Tensor,
        phrases: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        network = self.network
        query = network.read(words).repeat_interleave(len(planes) // len(words), dim=0)
        seen = network.see(planes, query, odometry)
        tokens = seen.tokens[rows]
        return seen.fused, seen.pointing[rows], tokens, network.point(tokens, network.read(phrases))


class ReferenceTask:
    """Training task, as ``policies.train.loop.trainer.TrainingTask``."""

    name = "reference"

    def __init__(
        self,
        network: ReferenceNetwork,
        data: ReferenceData,
        validation: Sequence[FrameStore],
        options: ReferenceBatches,
        device: torch.device,
        drawers: int = 0,
    ) -> None:
        self._network, self._data, self._validation = network, data, validation
        self._options, self._device, self._drawers = options, device, drawers
        self._trunk = Bfloat16Forward(_Trunk(network), has_fast_bfloat16(device))
        self._phrase_words = network.encoder.encode(data.phrase_words)[:, 0].to(device)

    @property
    def steps(self) -> int:
        """Number of batches per epoch."""
        return self._options.steps

    def batches(self, rng: np.random.Generator) -> Iterator[ReferenceBatch]:
        network = self._network
        return draw_reference_batches(
            self._data, network.encoder, network.grid, self._options, rng, processes=self._drawers
        )

    def frames(self, batch: ReferenceBatch) -> int:
        return batch.weights.numel()

    def loss(self, batch: ReferenceBatch) -> torch.Tensor:
        network, captions = self._network, batch.captions
        planes = change_colours(*(self._move(part) for part in (batch.planes, batch.gains, batch.biases)))
        inputs = (batch.words, batch.odometry, captions.rows, captions.phrases)
        fused, pointing, tokens, shown = self._trunk(planes, *(self._move(part) for part in inputs))
        b, t = batch.weights.shape
        predicted = network.head(fused.view(b, t, -1), network.initial_state(b)).actions
        weights, target = self._move(batch.weights)[..., None], self._move(batch.actions)
        errors = nn.functional.smooth_l1_loss(predicted, target, beta=HUBER_BETA, reduction="none")
        driving = (errors * weights).sum() / (weights.sum() * ACTION_SIZE)
        return driving + CAPTION_WEIGHT * self._caption_loss(captions, pointing, tokens, shown)

    def _caption_loss(
        self, captions: CaptionedFrames, pointing: torch.Tensor, tokens: torch.Tensor, shown: torch.Tensor
    ) -> torch.Tensor:
        """Compute the loss of naming what is in each cell, and of pointing at what is asked for; 0 without captions."""
        if not len(captions.rows):
            return tokens.sum()
        words = self._network.word_embedding(self._phrase_words)
        scores = tokens @ words.T * self._network.config.width**-0.5 - ABSENCE_LOG_ODDS
        loss = naming_loss(scores, self._move(captions.named))
        asks = captions.asks.nonzero()[:, 0]  # chosen before it moves: the number of rows must be known here
        parts = [(shown, self._move(captions.shown)), (pointing[self._move(asks)], self._move(captions.asked[asks]))]
        for found, wanted in parts:
            if len(found):
                loss = loss + NAMING_WEIGHT * nn.functional.binary_cross_entropy_with_logits(found, wanted)
        return loss

    def _move(self, part: torch.Tensor) -> torch.Tensor:
        return part.to(self._device, non_blocking=True)

    def validate(self) -> list[float]:
        return validate_episodes(self._validation, self._predict)

    def save(self, folder: Path) -> None:
        self._network.save_pretrained(folder)

    def _predict(self, store: FrameStore, rows: slice, instruction: str) -> np.ndarray:
        """Predict the actions (t, 3) of one episode."""
        network, device = self._network, self._device
        planes = gather_planes(store, rows, device)
        query = network.read(network.encoder.encode([instruction]).to(device)).expand(len(planes), -1)
        odometry = torch.from_numpy(store.agent_pos[rows][:, ODOMETRY].copy()).to(device)
        fused = network.see(planes, query, odometry).fused
        actions: np.ndarray = network.head(fused[None], network.initial_state(1)).actions[0].cpu().numpy()
        return actions
