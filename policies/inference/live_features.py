"""Features of the slots whose episodes still run; those of the other slots are kept."""

from __future__ import annotations

import copy

import numpy as np
import torch

from policies.inference.episode_state import EpisodeStates
from policies.inference.frame_network import FrameNetwork

MIN_SLOTS = 4  # products of fewer rows use other kernels, which round differently


class LiveFeatures:
    """Computes the features of all slots, but only of the live ones where this changes no bit.

    A slot's features must not depend on how many others are computed beside it. Whether a matrix product rounds alike
    for fewer rows depends on the machine's library. So the first time that a number of slots occurs, it is tried on
    frames of noise, at several places of the block; where a bit differs, all slots are computed. The answer depends on
    the machine alone, so all workers of one machine agree.

    Args:
        network: Computes the features.
        device: Where its weights are.
    """

    def __init__(self, network: FrameNetwork, device: torch.device) -> None:
        self._network = network
        self._device = device
        self._kept: dict[str, torch.Tensor] = {}
        self._is_exact: dict[tuple[int, int], bool] = {}  # by the numbers of slots that are computed, and of all

    def share(self) -> LiveFeatures:
        """Return one for other slots, of the same network."""
        made = copy.copy(self)
        made._kept = {}
        return made

    def compute(self, pixels: torch.Tensor, states: EpisodeStates, live: np.ndarray) -> dict[str, torch.Tensor]:
        """Return the features of all n slots by name; where an episode has ended, those of an earlier frame.

        Args:
            pixels: (n, H, W, 3) uint8, on the processor.
            states: Of n slots, on the device.
            live: (n,) bool, True where the episode still runs.
        """
        chosen = choose_slots(live)
        if len(chosen) == len(live) or not self._kept or not self._leaves_bits(len(chosen), pixels, states):
            self._kept = self._compute(pixels, states.text, states.ids, states.lengths)
            return self._kept
        slots = torch.from_numpy(chosen)
        rows = slots.to(self._device)
        found = self._compute(pixels[slots], states.text[rows], states.ids[rows], states.lengths[rows])
        self._kept = {name: kept.index_copy(0, rows, found[name]) for name, kept in self._kept.items()}
        return self._kept

    def _leaves_bits(self, count: int, pixels: torch.Tensor, states: EpisodeStates) -> bool:
        """Return whether ``count`` slots, computed alone, get the bits that they get among all."""
        total = len(pixels)
        if (count, total) not in self._is_exact:
            noise = torch.randint(0, 256, pixels.shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
            text, ids = torch.zeros_like(states.text), torch.zeros_like(states.ids)
            lengths = torch.full_like(states.lengths, ids.shape[1])
            whole = self._compute(noise, text, ids, lengths)
            places = torch.arange(total - count, total), torch.linspace(0, total - 1, count).long()
            parts = [(rows, self._compute(noise[rows], text[:count], ids[:count], lengths[:count])) for rows in places]
            self._is_exact[count, total] = all(
                torch.equal(part[name], whole[name][rows.to(self._device)]) for rows, part in parts for name in whole
            )
        return self._is_exact[count, total]

    def _compute(
        self, pixels: torch.Tensor, text: torch.Tensor, ids: torch.Tensor, lengths: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        return self._network.features(pixels.to(self._device), text, ids, lengths)


def choose_slots(live: np.ndarray) -> np.ndarray:
    """Return the indices of the live slots, filled up with others to ``MIN_SLOTS``, in ascending order."""
    missing = max(0, min(MIN_SLOTS, len(live)) - int(live.sum()))
    return np.sort(np.concatenate([np.flatnonzero(live), np.flatnonzero(~live)[:missing]]))
