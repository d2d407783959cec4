"""A policy object in openpi's way, ``infer`` for one robot at a time, as the simulation sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from policies.formats.observation_format import to_dictionary
from policies.host.standalone.answers import infer_each
from policies.names.user_code import read_declared_policy
from policies.policy import ObservationBatch


class InferringObject(Protocol):
    """What is asked in openpi's way."""

    @property
    def spec(self) -> Any:
        """A ``PolicySpec``, or a dictionary of its values."""
        ...

    def infer(self, observation: dict[str, Any], /) -> Mapping[str, Any]:
        """Return ``{"actions": (chunk, columns)}`` for one robot."""
        ...


class InferringPolicy:
    """Policy that asks an object for one robot after the other, as a host does.

    Args:
        policy: An object with ``spec`` and ``infer``; ``reset``, if it has one, is called without arguments.
        kind: What it is called in errors, and its name if its spec says none.

    Raises:
        InputError: Its spec isn't one, or doesn't name the keys of what it is given.
    """

    def __init__(self, policy: InferringObject, kind: str) -> None:
        self._policy = policy
        self._instructions: dict[int, str] = {}
        self.spec = policy.spec
        self.spec = read_declared_policy(self, kind, kind).spec
        self.spec.observation.check_named(kind)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._instructions.update(zip(slots, instructions, strict=True))
        if hasattr(self._policy, "reset"):
            self._policy.reset()

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return infer_each(self._policy.infer, [self._observe(batch, slot) for slot in range(len(batch.live))])

    def _observe(self, batch: ObservationBatch, slot: int) -> dict[str, Any] | None:
        """Return what a slot's robot sees; None if its episode has ended."""
        if not batch.live[slot]:
            return None
        pixels = None if batch.pixels is None else batch.pixels[slot]
        return to_dictionary(self.spec.observation, pixels, batch.agent_pos[slot], self._instructions.get(slot, ""))
