"""Fine-tuning of a system that has its own CLIP, on single frames of augmented episodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from policies.backbones.text.prompts import Prompt, round_up_length
from policies.systems.finetuned_clip import FineTunedClip
from policies.systems.network import System
from policies.train.data.episode_augmentation import COPIES, AugmentedEpisode, augment_episode
from policies.train.data.frame_store import FrameStore
from policies.train.data.splits import TrainValidationData
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.tasks.system_cloning import SystemBatch, SystemTask
from scenarios.common.seeding import make_generator

STRIDE = 3  # train on frames 0.3 s apart, like the published recordings


@dataclass(frozen=True)
class FrameSamples:
    """Single frames to train on."""

    store: np.ndarray  # (n,) int64: index of the store
    row: np.ndarray  # (n,) int64: index of the frame in the store
    mirrored: np.ndarray  # (n,) bool
    instruction: np.ndarray  # (n,) int64: index into ``instructions``
    actions: np.ndarray  # (n, 3) float32
    instructions: list[str]


class _PixelActions(nn.Module):
    """Actions (n, 1, chunk, axes) of a system with its CLIP, from pixels (n, 3, s, s) and CLIP's ids (n, length)."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system = system

    def forward(self, planes: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        found = get_finetuned_clip(self.system).features(planes, Prompt(ids, ids, ids), self.system.features)
        state = self.system.initial_state(len(planes)).to(found["clip_text"].dtype)
        actions: torch.Tensor = self.system({name: value[:, None] for name, value in found.items()}, state).actions
        return actions


def get_finetuned_clip(system: System) -> FineTunedClip:
    """Return the CLIP that a system fine-tunes.

    Raises:
        ValueError: The system has no CLIP of its own.
    """
    if system.own_clip is None:
        raise ValueError(f"'{system.row.name}' has no CLIP of its own to fine-tune")
    return system.own_clip


class PixelTask(SystemTask):
    """Training task: fine-tune a system with its own CLIP, on every ``STRIDE``-th frame of the (augmented) episodes."""

    def __init__(
        self,
        system: System,
        data: TrainValidationData,
        frames_per_batch: int,
        device: torch.device,
        seed: int,
    ) -> None:
        super().__init__(system, Bfloat16Forward(_PixelActions(system), has_fast_bfloat16(device)), device)
        self.prompts = get_finetuned_clip(system).prompts
        self.train, self.validation, self.size = data.train, data.validation, frames_per_batch
        self.samples = build_frame_samples(data.train, system.row.augmentation, seed)
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
        """Load the frame of a sample, (s, s, 3) uint8."""
        pixels = self.train[self.samples.store[i]].pixels[self.samples.row[i]]
        return pixels[:, ::-1] if self.samples.mirrored[i] else pixels

    def _trim_padding(self, ids: torch.Tensor) -> torch.Tensor:
        """Cut the padding that all rows of ids end with."""
        pad = self.prompts.clip.pad_token_id
        return ids[:, : round_up_length(int((ids != pad).sum(1).max()))]


def build_frame_samples(stores: Sequence[FrameStore], augmentation: str, seed: int) -> FrameSamples:
    """Select every ``STRIDE``-th frame of all episodes.

    Args:
        augmentation: "none" for the episodes as they are; otherwise ``COPIES`` of each, all but one augmented.
        seed: Seed of the augmentation.
    """
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
    """Convert pixels (n, s, s, 3) uint8 to (n, 3, s, s) float32."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).float()
