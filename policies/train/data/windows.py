"""Windows of consecutive frames, sampled and augmented: the training batches of recurrent behaviour cloning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import torch

from policies.train.data.frame_store import EpisodeFrames, FrameStore

MIRROR_SIGNS = np.array([1.0, -1.0, -1.0], np.float32)  # of (vx, vy, wz), when left and right are swapped
_SIDES = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Augmentation:
    """Ranges of random shifts, mirroring and colour changes; constant in a window, like a camera's defects."""

    shift_px: int = 2
    brightness: float = 0.15  # of the mean, either way
    contrast: float = 0.15
    channel: float = 0.05  # gain of each colour channel: small, so that no colour turns into another with a name
    mirror: float = 0.5  # probability


@dataclass(frozen=True, kw_only=True)
class WindowSampling:
    """Options for sampling batches of windows."""

    windows: tuple[int, ...] = (8, 16, 32)
    """Lengths in frames of 0.1 s: short ones put many scenes in a batch, long ones train the memory.

    Episodes are longer, but a memory trained over 3 s keeps working.
    """
    frames_per_batch: int = 160
    """Approximate number of frames in a batch."""
    warm: int = 4
    """Number of first frames with a lower weight, in windows that start later than their episode.

    The memory is empty there, which it never is in the middle of an episode while driving.
    """
    warm_weight: float = 0.3
    """Weight of those frames."""
    augmentation: Augmentation = field(default_factory=Augmentation)


class WindowBatch(NamedTuple):
    """b windows of t frames."""

    planes: torch.Tensor  # (b * t, 3, s, s) float32 in [0, 255]
    actions: np.ndarray  # (b, t, 3) float32
    weights: np.ndarray  # (b, t) float32: 0 where a window is longer than its episode
    instructions: list[str]  # b


def mirror_instruction(instruction: str) -> str:
    """Return the instruction of the mirrored scene, with the words left and right swapped."""
    return re.sub(r"\b(left|right)\b", lambda match: _SIDES[match.group()], instruction)


class HasEpisodes(Protocol):
    """Frames of some episodes, or features of them."""

    @property
    def episodes(self) -> tuple[EpisodeFrames, ...]: ...


def draw_windows(
    stores: Sequence[HasEpisodes], lengths: Sequence[int], rng: np.random.Generator
) -> dict[int, list[tuple[int, int, int]]]:
    """Sample windows (store, episode, first frame) that cover every episode once, in random order, by their length.

    Each episode is cut into windows of one length, which is sampled anew in every call. The starts are spread evenly
    from the first frame to the last full window, with jitter.
    """
    windows: dict[int, list[tuple[int, int, int]]] = {length: [] for length in lengths}
    for s, store in enumerate(stores):
        for e, episode in enumerate(store.episodes):
            length = lengths[int(rng.integers(len(lengths)))]
            free = max(0, episode.length - length)
            count = -(-episode.length // length)
            for i in range(count):
                place = (i + rng.uniform(-0.5, 0.5)) / max(1, count - 1) * free
                windows[length].append((s, e, int(np.clip(round(place), 0, free))))
    return {length: [of[i] for i in rng.permutation(len(of))] for length, of in windows.items()}


def draw_batches(
    stores: Sequence[FrameStore], sampling: WindowSampling, rng: np.random.Generator
) -> Iterator[WindowBatch]:
    """Sample one epoch of batches, each with windows of one length; drop incomplete batches."""
    drawn: list[tuple[int, list[tuple[int, int, int]]]] = []
    for length, windows in draw_windows(stores, sampling.windows, rng).items():
        size = max(1, min(sampling.frames_per_batch // length, len(windows)))
        drawn += [(length, windows[first : first + size]) for first in range(0, len(windows) - size + 1, size)]
    for length, chosen in (drawn[i] for i in rng.permutation(len(drawn))):
        rows = [
            _load_window(stores[s], stores[s].episodes[e], range(begin, begin + length), sampling.augmentation, rng)
            for s, e, begin in chosen
        ]
        changed, actions, instructions, valid = zip(*rows, strict=True)
        weights = np.stack(valid)
        for i, (_, _, begin) in enumerate(chosen):
            if begin > 0:
                weights[i, : sampling.warm] *= sampling.warm_weight
        planes = apply_colour_jitter([entry.planes for entry in changed], [entry.jitter for entry in changed])
        yield WindowBatch(planes, np.stack(actions), weights, list(instructions))


class ColourJitter(NamedTuple):
    """Colour change of a window: ``gain * value + bias`` per channel, clipped to [0, 255]."""

    gain: np.ndarray  # (3,) float32
    bias: np.ndarray  # (3,) float32


class AugmentedFrames(NamedTuple):
    """Frames shifted and mirrored in the same way, and the colour jitter that is still to be applied."""

    planes: np.ndarray  # (t, 3, s, s) uint8
    jitter: ColourJitter
    shift: tuple[int, int]  # pixels that the content moved right and down, before mirroring
    mirrored: bool


def augment_frames(frames: np.ndarray, augmentation: Augmentation, rng: np.random.Generator) -> AugmentedFrames:
    """Sample one augmentation for some frames (t, s, s, 3) uint8, and apply its geometric part."""
    edge = frames.shape[1]
    dy, dx = (int(v) for v in rng.integers(-augmentation.shift_px, augmentation.shift_px + 1, 2))
    mirrored = bool(rng.random() < augmentation.mirror)
    moved = frames
    if dy:
        moved = moved.take(np.clip(np.arange(edge) - dy, 0, edge - 1), axis=1)
    if dx:
        moved = moved.take(np.clip(np.arange(edge) - dx, 0, edge - 1), axis=2)
    if mirrored:
        moved = moved[:, :, ::-1]
    contrast = 1.0 + rng.uniform(-augmentation.contrast, augmentation.contrast)
    light = rng.uniform(-augmentation.brightness, augmentation.brightness) * 128.0
    gain = contrast * (1.0 + rng.uniform(-augmentation.channel, augmentation.channel, 3))
    bias = np.full(3, 128.0 * (1.0 - contrast) + light, np.float32)
    return AugmentedFrames(moved.transpose(0, 3, 1, 2), ColourJitter(gain.astype(np.float32), bias), (dx, dy), mirrored)


def apply_colour_jitter(planes: Sequence[np.ndarray], jitters: Sequence[ColourJitter]) -> torch.Tensor:
    """Apply the colour jitter of each window, all at once.

    Args:
        planes: b arrays of (t, 3, s, s) uint8.
        jitters: b.

    Returns:
        (b * t, 3, s, s) float32 in [0, 255].
    """
    gains, biases = _join_jitters(jitters)
    return change_colours(torch.from_numpy(np.stack(planes)), gains, biases)


def _join_jitters(jitters: Sequence[ColourJitter]) -> tuple[torch.Tensor, torch.Tensor]:
    """Join the colour jitter of b windows: gains and biases, (b, 3) float32 each."""
    gains, biases = (np.stack(parts) for parts in zip(*jitters, strict=True))
    return torch.from_numpy(gains), torch.from_numpy(biases)


def change_colours(planes: torch.Tensor, gains: torch.Tensor, biases: torch.Tensor) -> torch.Tensor:
    """Change the colours of b windows, on their device.

    Args:
        planes: (b, t, 3, s, s) uint8.
        gains, biases: (b, 3).

    Returns:
        (b * t, 3, s, s) float32 in [0, 255].
    """
    gains, biases = (each[:, None, :, None, None] for each in (gains, biases))
    return planes.to(torch.float32).mul_(gains).add_(biases).clamp_(0.0, 255.0).flatten(0, 1)


def _load_window(
    store: FrameStore, episode: EpisodeFrames, frames: range, augmentation: Augmentation, rng: np.random.Generator
) -> tuple[AugmentedFrames, np.ndarray, str, np.ndarray]:
    """Load and augment some frames of an episode: frames, actions, instruction, and a mask of valid frames."""
    wanted = np.asarray(frames)
    valid = (wanted < episode.length).astype(np.float32)
    rows = episode.start + np.minimum(wanted, episode.length - 1)  # a short episode repeats its last frame
    changed = augment_frames(store.pixels[rows], augmentation, rng)
    actions, instruction = store.actions[rows], episode.instruction
    if changed.mirrored:
        actions, instruction = actions * MIRROR_SIGNS, mirror_instruction(instruction)
    return changed, actions, instruction, valid
