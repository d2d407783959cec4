"""Features of the slots whose episodes still run; those of the other slots are kept."""

from __future__ import annotations

import numpy as np
import torch

from policies.inference.episode_state import EpisodeStates
from policies.inference.frame_network import FrameNetwork

MIN_SLOTS = 4  # products of fewer rows use other kernels, which round differently


class LiveFeatures:
    """Computes the features of all slots, but only of the live ones where this changes no bit.

    A slot's features must not depend on how many others are computed beside it. Whether a matrix product rounds alike
    for fewer rows depends on the machine's library. So the first time that a number of slots occurs, they are compared
    with the features of all slots; where they differ, all slots are computed from then on.
    """

    def __init__(self, network: FrameNetwork) -> None:
        self._network = network
        self._kept: dict[str, torch.Tensor] = {}
        self._is_equal: dict[tuple[int, int], bool] = {}  # by the numbers of slots that are computed, and of all

    def compute(self, pixels: torch.Tensor, states: EpisodeStates, live: np.ndarray) -> dict[str, torch.Tensor]:
        """Return the features of all n slots by name; where an episode has ended, those of an earlier frame.

        Args:
            pixels: (n, H, W, 3) uint8.
            states: Of n slots.
            live: (n,) bool, True where the episode still runs.
        """
        slots = torch.from_numpy(choose_slots(live))
        sizes = (len(slots), len(live))
        if len(slots) == len(live) or not self._kept or not self._is_equal.get(sizes, True):
            self._kept = self._compute_all(pixels, states)
            return self._kept
        found = self._network.features(pixels[slots], states.text[slots], states.ids[slots], states.lengths[slots])
        if sizes in self._is_equal:
            self._kept = {name: kept.index_copy(0, slots, found[name]) for name, kept in self._kept.items()}
        else:
            self._kept = self._compute_all(pixels, states)
            self._is_equal[sizes] = all(torch.equal(found[name], self._kept[name][slots]) for name in found)
        return self._kept

    def _compute_all(self, pixels: torch.Tensor, states: EpisodeStates) -> dict[str, torch.Tensor]:
        return self._network.features(pixels, states.text, states.ids, states.lengths)


def choose_slots(live: np.ndarray) -> np.ndarray:
    """Return the indices of the live slots, filled up with others to ``MIN_SLOTS``, in ascending order."""
    missing = max(0, min(MIN_SLOTS, len(live)) - int(live.sum()))
    return np.sort(np.concatenate([np.flatnonzero(live), np.flatnonzero(~live)[:missing]]))
