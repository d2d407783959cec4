"""The error of a network on validation data: the MAE of each axis over whole episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch

from policies.train.data.frame_store import FrameStore

EpisodePredictor = Callable[[FrameStore, slice, str], np.ndarray]
"""Predicts the actions (t, 3) of an episode from its rows of a store and its instruction, from an empty memory."""


def validate_episodes(stores: Sequence[FrameStore], predict: EpisodePredictor) -> list[float]:
    """Compute the MAE of each axis over whole episodes; empty if there are none."""
    episodes = ((store, episode) for store in stores for episode in store.episodes)
    rows = ((store, slice(each.start, each.start + each.length), each.instruction) for store, each in episodes)
    return average_errors((predict(store, place, words), store.actions[place]) for store, place, words in rows)


def average_errors(episodes: Iterable[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Compute the MAE of each axis over episodes (predicted, demonstrated), (t, axes) each; empty if there are none."""
    with torch.inference_mode():
        errors = [np.abs(predicted - demonstrated) for predicted, demonstrated in episodes]
    return [float(value) for value in np.concatenate(errors).mean(axis=0)] if errors else []


def gather_planes(store: FrameStore, rows: slice, device: torch.device) -> torch.Tensor:
    """Gather frames as planes (t, 3, H, W) in [0, 255]."""
    pixels = torch.from_numpy(np.ascontiguousarray(store.pixels[rows].transpose(0, 3, 1, 2)))
    return pixels.to(device, torch.float32)
