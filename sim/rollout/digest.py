"""Digests that tell whether two runs of an episode are equal to the bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from scenarios.world import World
from sim.rollout.episode import Episode, EpisodeState, InferenceTime, Observer, Outcome


class DigestObserver(Observer):
    """Computes a sha256 over all frames, states and actions of each slot's episode, in ``digests``.

    Two runs of an episode are equal to the bit if and only if their digests are equal.
    """

    def __init__(self) -> None:
        self.digests: dict[int, str] = {}
        self._open: dict[int, hashlib._Hash] = {}

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        self.digests.pop(slot, None)
        self._open[slot] = hashlib.sha256()
        self._add(slot, pixels, state)

    def stepped(
        self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, inference: InferenceTime
    ) -> None:
        self._open[slot].update(_bytes(action, np.float32))
        self._add(slot, pixels, state)

    def ended(self, slot: int, outcome: Outcome) -> None:
        digest = self._open.pop(slot)
        digest.update(outcome.status.encode())
        self.digests[slot] = digest.hexdigest()

    def _add(self, slot: int, pixels: np.ndarray, state: EpisodeState) -> None:
        digest = self._open[slot]
        digest.update(_bytes(pixels, np.uint8))
        digest.update(_bytes(state.agent_pos, np.float32))
        digest.update(_bytes(state.pose, np.float64))


def combine_digests(digests: Iterable[str | None]) -> str:
    """Return one digest of many episodes: the sha256 of their digests, sorted, each with a line end; "null" for None.

    It depends neither on the order of the episodes nor on who drove them. For a run,
    ``jq -r .digest episodes.jsonl | LC_ALL=C sort | sha256sum`` computes the same.
    """
    lines = sorted(f"{'null' if digest is None else digest}\n".encode() for digest in digests)
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _bytes(values: np.ndarray, dtype: type[np.generic]) -> memoryview:
    """Return the memory of the values in C order, without a copy if they are already in this order."""
    return np.ascontiguousarray(values, dtype=dtype).data
