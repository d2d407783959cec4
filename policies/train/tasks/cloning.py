"""Behaviour cloning of the hybrid: predict the demonstrated actions over windows of frames."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from policies.backbones.backbones import Backbones
from policies.backbones.text.prompts import Prompt, trim_prompts
from policies.hybrid.network import FEATURES, Hybrid
from policies.train.data.frame_store import FrameStore
from policies.train.data.prefetch import prefetch_results
from policies.train.data.splits import TrainValidationData
from policies.train.data.windows import WindowBatch, WindowSampling, draw_batches
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.loop.training_run import TrainingRun
from policies.train.tasks.validation import gather_planes, validate_episodes
from scenarios.robot import ACTION_SIZE


@dataclass(frozen=True)
class CloneOptions(WindowSampling):
    """Options for cloning: the batches, the optimisation, and the frozen parts."""

    course: OptimizerConfig = OptimizerConfig(epochs=6, learning_rate=1e-3, warmup=0.017)
    huber: float = 0.1  # error beyond which the loss is linear
    frozen: tuple[str, ...] = ("backbones",)  # cloning would degrade pointing and CLIP


class _CloneBatch(NamedTuple):
    """Windows of frames, and the inputs of the part of the hybrid that is trained."""

    windows: WindowBatch
    inputs: tuple[torch.Tensor, ...]


class _Trunk(nn.Module):
    """Per-frame part of a hybrid, over windows: (b * t) frames and b instructions to features."""

    def __init__(self, model: Hybrid) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, planes: torch.Tensor, clip_ids: torch.Tensor, kosmos2_ids: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        text, prompt = _expand_prompts(self.model.text(clip_ids), kosmos2_ids, lengths, len(planes))
        return self.model.fuse(planes, text, prompt.kosmos2, prompt.lengths)


class _FrozenBackbones:
    """Features of backbones that aren't trained, in the order of ``FEATURES``; in bfloat16 where that is fast."""

    def __init__(self, backbones: Backbones, device: torch.device) -> None:
        dtype = torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
        self._backbones, self._device = copy.deepcopy(backbones).to(device, dtype).eval(), device

    @torch.no_grad()
    def __call__(self, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        planes, clip_ids, kosmos2_ids, lengths = (part.to(self._device) for part in inputs)
        text, prompt = _expand_prompts(self._backbones.text(clip_ids), kosmos2_ids, lengths, len(planes))
        found = self._backbones.features(planes, prompt, FEATURES, text)
        return tuple(found[name].to(torch.float32) for name in FEATURES)


class _Cloning:
    """Training task, as ``policies.train.loop.trainer.TrainingTask``: predict the demonstrated actions over windows."""

    name = "clone"

    def __init__(self, model: Hybrid, data: TrainValidationData, options: CloneOptions, device: torch.device) -> None:
        self._model, self._train, self._validation, self._options = model, data.train, data.validation, options
        self._trunk, self._device = Bfloat16Forward(_Trunk(model), has_fast_bfloat16(device)), device
        self._frozen = _FrozenBackbones(model.backbones, device) if "backbones" in options.frozen else None

    @property
    def steps(self) -> int:
        """Approximate number of batches per epoch; how episodes are cut varies."""
        frames = sum(episode.length for store in self._train for episode in store.episodes)
        return max(1, round(frames / self._options.frames_per_batch))

    def batches(self, rng: np.random.Generator) -> Iterator[_CloneBatch]:
        drawn = (_CloneBatch(each, self._encode(each)) for each in draw_batches(self._train, self._options, rng))
        frozen = self._frozen
        if frozen is None:
            return drawn
        ready = prefetch_results(drawn, lambda batch: frozen(batch.inputs))
        return (_CloneBatch(batch.windows, features) for batch, features in ready)

    def frames(self, batch: _CloneBatch) -> int:
        return batch.windows.weights.size

    def loss(self, batch: _CloneBatch) -> torch.Tensor:
        model, windows = self._model, batch.windows
        b, t = windows.weights.shape
        predicted = model.head(self._fuse(batch.inputs).view(b, t, -1), model.initial_state(b)).actions
        weights = torch.from_numpy(windows.weights).to(self._device)[..., None]
        target = torch.from_numpy(windows.actions).to(self._device)
        errors = nn.functional.smooth_l1_loss(predicted, target, beta=self._options.huber, reduction="none")
        return (errors * weights).sum() / (weights.sum() * ACTION_SIZE)

    def validate(self) -> list[float]:
        return validate_hybrid(self._model, self._validation)

    def save(self, folder: Path) -> None:
        self._model.save_pretrained(folder)

    def _encode(self, windows: WindowBatch) -> tuple[torch.Tensor, ...]:
        """Encode frames and instructions as the inputs of ``_Trunk``."""
        prompt = trim_prompts(self._model.prompts.encode(windows.instructions), self._model.config.prompt_length)
        return windows.planes, prompt.clip[:, : prompt.kosmos2.shape[1]], prompt.kosmos2, prompt.lengths

    def _fuse(self, inputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
        if self._frozen is not None:
            return self._model.join_features(dict(zip(FEATURES, inputs, strict=True)))
        fused: torch.Tensor = self._trunk(*(part.to(self._device) for part in inputs))
        return fused


def _expand_prompts(
    text: torch.Tensor, kosmos2_ids: torch.Tensor, lengths: torch.Tensor, frames: int
) -> tuple[torch.Tensor, Prompt]:
    """Repeat the text feature and the prompt of each of b windows for each of its frames."""
    times = frames // len(lengths)
    ids = kosmos2_ids.repeat_interleave(times, dim=0)
    return text.repeat_interleave(times, dim=0), Prompt(ids, ids, lengths.repeat_interleave(times))


def clone_behaviour(
    model: Hybrid, data: TrainValidationData, options: CloneOptions, out: Path, run: TrainingRun
) -> list[float]:
    """Train a hybrid, and leave the averaged weights in it and in ``out``; an interrupted run resumes from there.

    Args:
        model: Changed in place; on the run's device during training, on the CPU afterwards.
        out: Folder for the checkpoint, saved after every epoch, ``training.csv`` and ``state.pt`` (to resume from).

    Returns:
        The validation MAE of each axis (vx, vy, wz) after the last epoch; empty without validation data.
    """
    for name in options.frozen:
        model.get_submodule(name).requires_grad_(False)
    task = _Cloning(model.to(run.device), data, options, run.device)
    error = train_epochs(model, task, options.course, out, run.console)
    model.cpu().requires_grad_(True)
    return error


def validate_hybrid(model: Hybrid, stores: Sequence[FrameStore]) -> list[float]:
    """Compute the MAE of each axis over whole episodes, each from an empty memory; empty if there are none."""
    model.eval()
    device = next(model.parameters()).device

    def predict(store: FrameStore, rows: slice, instruction: str) -> np.ndarray:
        planes = gather_planes(store, rows, device)
        count = len(planes)
        prompt = Prompt(*(part.to(device) for part in model.prompts.encode([instruction])))
        text = model.text(prompt.clip).expand(count, -1)
        fused = model.fuse(planes, text, prompt.kosmos2.expand(count, -1), prompt.lengths.expand(count))
        actions: np.ndarray = model.head(fused[None], model.initial_state(1)).actions[0].cpu().numpy()
        return actions

    return validate_episodes(stores, predict)
