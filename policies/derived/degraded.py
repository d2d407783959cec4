"""A policy that sees frames of half the resolution, or hears no instruction, around the policy of another folder."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from policies.derived.siblings import load_sibling, read_config, write_config
from policies.inference.runtime import apply_runtime
from policies.names.folders import CONFIG
from policies.policy import InferenceRuntime, ObservationBatch, Policy, PolicyWithWeights, ShareablePolicy
from scenarios.common.errors import InputError, unknown_name

MODEL_TYPE = "degraded"
CELLS = 56  # along an edge: half of the 112 pixels that the compact networks average a frame to
HALF_RESOLUTION, NO_INSTRUCTION = "half-resolution", "no-instruction"
WITHHELD = ""  # in the place of an instruction


def halve_resolution(pixels: np.ndarray) -> np.ndarray:
    """Replace the pixels of each of ``CELLS`` x ``CELLS`` cells by their rounded mean: (..., H, W, 3) uint8."""
    *before, height, width, channels = pixels.shape
    if height % CELLS or width % CELLS:
        raise ValueError(f"frames of {height} x {width} pixels can't be cut into {CELLS} x {CELLS} equal cells")
    tall, wide = height // CELLS, width // CELLS
    cells = pixels.reshape(*before, CELLS, tall, CELLS, wide, channels).astype(np.uint32)
    means = (cells.sum(axis=(-4, -2)) + tall * wide // 2) // (tall * wide)
    return means.astype(np.uint8).repeat(tall, axis=-3).repeat(wide, axis=-2)


def _see_less(batch: ObservationBatch) -> ObservationBatch:
    return batch if batch.pixels is None else replace(batch, pixels=halve_resolution(batch.pixels))


def _hear_nothing(instructions: Sequence[str]) -> Sequence[str]:
    return [WITHHELD] * len(instructions)


_SEEN: dict[str, Callable[[ObservationBatch], ObservationBatch]] = {HALF_RESOLUTION: _see_less}
_HEARD: dict[str, Callable[[Sequence[str]], Sequence[str]]] = {NO_INSTRUCTION: _hear_nothing}
CHANGES = (*_SEEN, *_HEARD)


def save_degraded(folder: Path, parent: str, change: str) -> None:
    """Write the folder of a copy of the checkpoint of a name beside it, with one of ``CHANGES``."""
    write_config(folder, MODEL_TYPE, {"of": parent, "change": change})


class DegradedPolicy:
    """Policy that answers as another does whose observation or instruction is degraded.

    Args:
        policy: The other policy.
        change: One of ``CHANGES``.
        name: Name of this policy.

    Raises:
        InputError: There is no such change.
    """

    def __init__(self, policy: Policy, change: str, name: str) -> None:
        if change not in CHANGES:
            raise unknown_name("degradation", change, CHANGES)
        self._policy, self._change = policy, change
        self.spec = replace(policy.spec, name=name)

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> DegradedPolicy:
        """Load a copy and the checkpoint that it is a copy of.

        Raises:
            InputError: One of them can't be read.
        """
        config: dict[str, Any] = read_config(folder)
        change = config.get("change")
        if not isinstance(change, str):
            raise InputError(f"{folder / CONFIG} must say by 'change' how the copy is degraded: {', '.join(CHANGES)}")
        return cls(load_sibling(folder, config.get("of")), change, name or folder.name)

    @property
    def weights_sha256(self) -> str | None:
        """The hash of its weights and of what is withheld: the same weights, degraded, aren't the same policy."""
        found = self._policy.weights_sha256 if isinstance(self._policy, PolicyWithWeights) else None
        return None if found is None else hashlib.sha256(f"{found}/{self._change}".encode()).hexdigest()

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        apply_runtime(self._policy, runtime)
        self.spec = replace(self._policy.spec, name=self.spec.name)

    def share(self) -> DegradedPolicy:
        if not isinstance(self._policy, ShareablePolicy):
            raise InputError(f"policy '{self.spec.name}' is a copy of one that can't share its weights")
        twin = copy.copy(self)
        twin._policy = self._policy.share()
        return twin

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._policy.reset(slots, _HEARD.get(self._change, lambda words: words)(instructions))

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return self._policy.act(_SEEN.get(self._change, lambda seen: seen)(batch))
