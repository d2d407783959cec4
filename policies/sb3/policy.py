"""A policy that drives with the network of a standard policy of Stable-Baselines3."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from policies.inference.device import describe_runtime
from policies.inference.network_policy import SmallNetworkPolicy
from policies.policy import DEFAULT_RUNTIME, ObservationBatch, PolicySpec
from policies.sb3.network import Sb3Network
from policies.sb3.observed_parts import ObservationStack, ObservedParts
from scenarios.robot import CONTROL_PERIOD_S

STILL = (0.0, 0.0, 0.0)


class Sb3Policy(SmallNetworkPolicy):
    """Policy that drives with an ``Sb3Network``. It is so small that it runs on the processor alone."""

    network: Sb3Network

    def __init__(self, network: Sb3Network, name: str) -> None:
        self.network = network.eval()
        self.spec = make_spec(name, network.config.parts, network.parameter_count)
        self._stack = ObservationStack(network.config.parts)

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> Sb3Policy:
        """Load a checkpoint folder.

        Raises:
            InputError: It can't be read.
        """
        return cls(Sb3Network.from_pretrained(folder), name or folder.name)

    def share(self) -> Sb3Policy:
        twin = copy.copy(self)
        twin._stack = ObservationStack(self.network.config.parts)
        return twin

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._stack.begin(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        observation = {key: torch.from_numpy(values) for key, values in self._stack.add(batch).items()}
        with torch.inference_mode():
            actions: np.ndarray = self.network(observation).numpy()
        return actions


def make_spec(name: str, parts: ObservedParts, parameters: int) -> PolicySpec:
    """Make the spec of a policy that observes these parts."""
    return PolicySpec(
        name=name,
        image_size=parts.image_size,
        period_s=CONTROL_PERIOD_S,
        hold_action=STILL,
        history=parts.frames,
        parameters=parameters,
        runtime=describe_runtime(DEFAULT_RUNTIME),
    )
