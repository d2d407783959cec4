"""A policy object in openpi's way, ``infer`` for one robot at a time, as the simulation sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from policies.formats.observation_format import to_dictionary
from policies.host.host import copy_arrays, read_answer
from policies.names.user_code import read_declared_policy
from policies.policy import ObservationBatch
from scenarios.common.errors import InputError


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
        seen = self.spec.observation
        if seen.pixels_key is seen.state_key is seen.instruction_key is None:
            raise InputError(
                f"policy '{kind}' has 'infer', so its spec must name the keys of what it is given, such as "
                "'observation': {'pixels_key': 'observation/image', 'instruction_key': 'prompt'}"
            )

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._instructions.update(zip(slots, instructions, strict=True))
        if hasattr(self._policy, "reset"):
            self._policy.reset()

    def act(self, batch: ObservationBatch) -> np.ndarray:
        answers = {int(slot): self._infer(batch, int(slot)) for slot in np.flatnonzero(batch.live)}
        nothing = np.zeros_like(next(iter(answers.values())))
        return np.stack([answers.get(slot, nothing) for slot in range(len(batch.live))])

    def _infer(self, batch: ObservationBatch, slot: int) -> np.ndarray:
        """Return the actions for one slot, (chunk, columns)."""
        pixels = None if batch.pixels is None else batch.pixels[slot]
        seen = to_dictionary(self.spec.observation, pixels, batch.agent_pos[slot], self._instructions.get(slot, ""))
        answer = self._policy.infer(copy_arrays(seen))
        if not hasattr(answer, "keys") or "actions" not in answer:
            raise TypeError(f"infer returned a {type(answer).__name__}, not a dictionary with 'actions'")
        return np.atleast_2d(read_answer(answer["actions"], "infer"))
