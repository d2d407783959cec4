"""What a system learns from: windows over cached features, or single frames of pixels where it fine-tunes a CLIP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from policies.backbones.text.prompts import Prompt
from policies.systems.finetuned_clip import FineTunedClip
from policies.systems.network import System
from policies.train.data.episode_augmentation import COPIES, AugmentedEpisode, augment_episode
from policies.train.data.feature_cache import PER_EPISODE, FeatureSet
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import draw_windows
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.tasks.pretraining import round_up_length
from scenarios.common.seeding import make_generator

WINDOW = 24  # frames that a memory is trained through
WARMUP_FRAMES, WARMUP_WEIGHT = (
    4,
    0.3,
)  # the memory starts empty in a window's first frames, as it never is while driving
HUBER_BETA = 0.1  # error beyond which the loss is linear
STRIDE = 3  # CLIP is fine-tuned on frames 0.3 s apart, as the published recordings were


class SystemBatch(NamedTuple):
    """b windows of t frames."""

    inputs: tuple[torch.Tensor, ...]  # what the network's per-frame part takes
    targets: torch.Tensor  # (b, t, chunk, 3)
    weights: torch.Tensor  # (b, t, chunk): 0 beyond an episode's end


class _Frames(nn.Module):
    """The per-frame part of a system, from cached features (b, t, ...) in the row's order."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system = system

    def forward(self, *features: torch.Tensor) -> torch.Tensor:
        return self.system.frames(dict(zip(self.system.features, features, strict=True)))


class _PixelFrames(nn.Module):
    """The same from pixels (n, 3, s, s) and CLIP's token ids (n, length), through the system's own CLIP."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system = system

    def forward(self, planes: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        found = get_finetuned_clip(self.system).features(planes, Prompt(ids, ids, ids), self.system.features)
        return self.system.frames({name: value[:, None] for name, value in found.items()})


def get_finetuned_clip(system: System) -> FineTunedClip:
    """The CLIP that a system fine-tunes; ValueError if it has none."""
    if system.own_clip is None:
        raise ValueError(f"'{system.row.name}' has no CLIP of its own to fine-tune")
    return system.own_clip


class SystemTask(ABC):
    """What both kinds of data share: the network's answer to a batch, its loss, and validation.

    Args:
        per_frame: From a batch's inputs to what the head takes (b, t, f).
        device: Where ``system`` is.
    """

    def __init__(self, system: System, per_frame: nn.Module, device: torch.device) -> None:
        self.system, self.per_frame, self.device = system, per_frame, device
        self.name = system.row.checkpoint or system.row.name

    @property
    @abstractmethod
    def steps(self) -> int:
        """Batches in an epoch."""

    @abstractmethod
    def batches(self, rng: np.random.Generator) -> Iterator[SystemBatch]:
        """One epoch of batches; every draw is from ``rng``."""

    def predict_actions(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        """Actions (b, t, chunk, axes)."""
        frames = self.per_frame(*(value.to(self.device) for value in inputs))
        actions: torch.Tensor = self.system.head(frames, self.system.initial_state(len(frames))).actions
        return actions

    def frames(self, batch: SystemBatch) -> int:
        return batch.weights.shape[0] * batch.weights.shape[1]

    def loss(self, batch: SystemBatch) -> torch.Tensor:
        """The row's loss over the axes that it predicts."""
        answer = self.predict_actions(batch.inputs)
        targets, weights = batch.targets.to(self.device)[..., : answer.shape[-1]], batch.weights.to(self.device)
        if self.system.row.loss == "huber":
            errors = nn.functional.smooth_l1_loss(answer, targets, beta=HUBER_BETA, reduction="none")
        else:
            errors = nn.functional.mse_loss(answer, targets, reduction="none")
        return (errors.mean(-1) * weights).sum() / weights.sum()

    def validate(self) -> list[float]:
        """MAE of the first action of each chunk; an axis that isn't predicted is answered by 0."""
        errors = []
        with torch.inference_mode():
            for inputs, labels in self.validation_episodes():
                predicted = self.predict_actions(inputs)[:, :, 0].flatten(0, 1).float().cpu().numpy()
                whole = np.zeros_like(labels)
                whole[:, : predicted.shape[1]] = predicted
                errors.append(np.abs(whole - labels))
        return [float(value) for value in np.concatenate(errors).mean(axis=0)] if errors else []

    @abstractmethod
    def validation_episodes(self) -> Iterator[tuple[Sequence[torch.Tensor], np.ndarray]]:
        """Inputs and labels (t, 3) of each validation episode."""

    def save(self, folder: Path) -> None:
        self.system.save_pretrained(folder)


class FeatureTask(SystemTask):
    """Learning from cached features: through windows of ``WINDOW`` frames, or single ones where no memory is."""

    def __init__(
        self,
        system: System,
        train: Sequence[FeatureSet],
        validation: Sequence[FeatureSet],
        frames_per_batch: int,
        device: torch.device,
    ) -> None:
        super().__init__(system, _Frames(system), device)
        self.train, self.validation = train, validation
        self.length = 1 if system.row.window == 1 else WINDOW
        self.windows = max(1, frames_per_batch // self.length)

    @property
    def steps(self) -> int:
        count = sum(-(-episode.length // self.length) for part in self.train for episode in part.episodes)
        return -(-count // self.windows)

    def batches(self, rng: np.random.Generator) -> Iterator[SystemBatch]:
        windows = draw_windows(self.train, (self.length,), rng)[self.length]
        for first in range(0, len(windows), self.windows):
            yield self._batch(sorted(windows[first : first + self.windows]))

    def validation_episodes(self) -> Iterator[tuple[Sequence[torch.Tensor], np.ndarray]]:
        for part in self.validation:
            for number, episode in enumerate(part.episodes):
                rows = np.arange(episode.start, episode.start + episode.length)[None]
                inputs = [_gather_rows(part, name, rows, [number]) for name in self.system.features]
                yield [torch.from_numpy(value).float() for value in inputs], part.actions[rows[0]]

    def _batch(self, windows: list[tuple[int, int, int]]) -> SystemBatch:
        """Windows (set, episode, first frame) in ascending order, so that each set is read once."""
        inputs: dict[str, list[np.ndarray]] = {name: [] for name in self.system.features}
        targets, weights = [], []
        for s, group in groupby(windows, key=lambda window: window[0]):
            part, chosen = self.train[s], [(e, begin) for _, e, begin in group]
            episodes = [part.episodes[e] for e, _ in chosen]
            starts = np.array([[episode.start] for episode in episodes])  # (b, 1)
            lengths = np.array([[episode.length] for episode in episodes])
            inside = np.array([[begin] for _, begin in chosen]) + np.arange(self.length)  # (b, t)
            rows = starts + np.minimum(inside, lengths - 1)
            for name, of in inputs.items():
                of.append(_gather_rows(part, name, rows, [e for e, _ in chosen]))
            ahead = inside[..., None] + np.arange(self.system.head.chunk)  # (b, t, chunk)
            targets.append(part.actions[starts[..., None] + np.minimum(ahead, lengths[..., None] - 1)])
            valid = (ahead < lengths[..., None]).astype(np.float32)
            if self.length > 1:
                valid[[begin > 0 for _, begin in chosen], :WARMUP_FRAMES] *= WARMUP_WEIGHT
            weights.append(valid)
        return SystemBatch(
            tuple(torch.from_numpy(np.concatenate(of)).float() for of in inputs.values()),
            torch.from_numpy(np.concatenate(targets)),
            torch.from_numpy(np.concatenate(weights)),
        )


def _gather_rows(part: FeatureSet, name: str, rows: np.ndarray, episodes: Sequence[int]) -> np.ndarray:
    """A feature's rows (b, t) of frames, (b, t, ...); ``episodes`` (b) are their owners."""
    if name in PER_EPISODE:
        return np.repeat(part.features[name][episodes][:, None], rows.shape[1], axis=1)
    return np.asarray(part.features[name][rows])


@dataclass(frozen=True)
class FrameSamples:
    """Single frames to learn from."""

    store: np.ndarray  # (n,) int64: which store
    row: np.ndarray  # (n,) int64: which of its frames
    mirrored: np.ndarray  # (n,) bool
    instruction: np.ndarray  # (n,) int64: into ``instructions``
    actions: np.ndarray  # (n, 3) float32
    instructions: list[str]


class PixelTask(SystemTask):
    """Fine-tuning a system with a CLIP of its own, on every ``STRIDE``-th frame of the (augmented) episodes."""

    def __init__(
        self,
        system: System,
        train: Sequence[FrameStore],
        validation: Sequence[FrameStore],
        frames_per_batch: int,
        device: torch.device,
        seed: int,
    ) -> None:
        super().__init__(system, Bfloat16Forward(_PixelFrames(system), has_fast_bfloat16(device)), device)
        self.prompts = get_finetuned_clip(system).prompts
        self.train, self.validation, self.size = train, validation, frames_per_batch
        self.samples = build_frame_samples(train, system.row.augmentation, seed)
        self._ids = self.prompts.encode(self.samples.instructions).clip

    @property
    def steps(self) -> int:
        return -(-len(self.samples.row) // self.size)

    def batches(self, rng: np.random.Generator) -> Iterator[SystemBatch]:
        order = rng.permutation(len(self.samples.row))
        for first in range(0, len(order), self.size):
            chosen = order[first : first + self.size]
            found = [self._load_frame(i) for i in chosen]
            actions = torch.from_numpy(self.samples.actions[chosen])[:, None, None]  # (n, 1, 1, 3)
            inputs = (_planes(np.stack(found)), self._trim_padding(self._ids[self.samples.instruction[chosen]]))
            yield SystemBatch(inputs, actions, torch.ones(actions.shape[:3]))

    def validation_episodes(self) -> Iterator[tuple[Sequence[torch.Tensor], np.ndarray]]:
        for store in self.validation:
            for episode in store.episodes:
                rows = slice(episode.start, episode.start + episode.length)
                ids = self._trim_padding(self.prompts.encode([episode.instruction]).clip)
                yield (_planes(store.pixels[rows]), ids.expand(episode.length, -1)), store.actions[rows]

    def _load_frame(self, i: int) -> np.ndarray:
        """The frame of a sample, (s, s, 3) uint8."""
        pixels = self.train[self.samples.store[i]].pixels[self.samples.row[i]]
        return pixels[:, ::-1] if self.samples.mirrored[i] else pixels

    def _trim_padding(self, ids: torch.Tensor) -> torch.Tensor:
        """Ids without the padding that all of them end in."""
        pad = self.prompts.clip.pad_token_id
        return ids[:, : round_up_length(int((ids != pad).sum(1).max()))]


def build_frame_samples(stores: Sequence[FrameStore], augmentation: str, seed: int) -> FrameSamples:
    """Every ``STRIDE``-th frame of all episodes: as they are ("none"), or of ``COPIES``, all but one augmented."""
    parts: list[tuple[np.ndarray, ...]] = []
    instructions: dict[str, int] = {}
    for s, store in enumerate(stores):
        for e, episode in enumerate(store.episodes):
            actions = store.actions[episode.start : episode.start + episode.length]
            copies = [AugmentedEpisode(np.arange(episode.length), False, actions, episode.instruction)]
            if augmentation != "none":
                rng = make_generator(seed, f"augment/{s}/{e}")
                copies += [augment_episode(actions, episode.instruction, augmentation, rng) for _ in range(1, COPIES)]
            for copy in copies:
                rows = episode.start + copy.order[::STRIDE]
                number = instructions.setdefault(copy.instruction, len(instructions))
                store_of, mirrored, instruction = (np.full(len(rows), v) for v in (s, copy.mirrored, number))
                parts.append((store_of, rows, mirrored, instruction, copy.actions[::STRIDE]))
    store_of, rows, mirrored, instruction, labels = (np.concatenate(of) for of in zip(*parts, strict=True))
    return FrameSamples(store_of, rows, mirrored, instruction, labels, list(instructions))


def _planes(pixels: np.ndarray) -> torch.Tensor:
    """(n, s, s, 3) uint8 to (n, 3, s, s) float32."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).float()
