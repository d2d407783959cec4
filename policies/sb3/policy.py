"""A policy that drives with the network of a standard policy of Stable-Baselines3."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from policies.inference.network_policy import SmallNetworkPolicy, make_small_spec
from policies.policy import ObservationBatch, PolicySpec
from policies.sb3.network import Sb3Network
from policies.sb3.observed_parts import ObservationStack, ObservedParts


class Sb3Policy(SmallNetworkPolicy):
    """Policy that drives with an ``Sb3Network``. It is so small that it runs on the processor alone."""

    network_type = Sb3Network
    network: Sb3Network

    def _make_spec(self, name: str) -> PolicySpec:
        return make_spec(name, self.network.config.parts, self.network.parameter_count)

    def _forget(self) -> None:
        self._stack = ObservationStack(self.network.config.parts)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._stack.begin(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        observation = {key: torch.from_numpy(values) for key, values in self._stack.add(batch).items()}
        with torch.inference_mode():
            actions: np.ndarray = self.network(observation).numpy()
        return actions


def make_spec(name: str, parts: ObservedParts, parameters: int) -> PolicySpec:
    """Make the spec of a policy that observes these parts."""
    return make_small_spec(name, parameters, parts.image_size, parts.frames)
