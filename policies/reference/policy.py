"""The trained reference as a policy."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from policies.backbones.preprocessing import downsample_frames
from policies.inference.device import describe_runtime
from policies.inference.network_policy import SmallNetworkPolicy
from policies.policy import DEFAULT_RUNTIME, ObservationBatch, PolicySpec, check_frames
from policies.reference.network import ODOMETRY, ReferenceNetwork
from scenarios.robot import CONTROL_PERIOD_S, IMAGE_SIZE


class ReferencePolicy(SmallNetworkPolicy):
    """Policy that drives with a ``ReferenceNetwork``, on the processor."""

    network: ReferenceNetwork

    def __init__(self, network: ReferenceNetwork, name: str) -> None:
        self.network = network.eval()
        self.spec = PolicySpec(
            name=name,
            image_size=IMAGE_SIZE,
            period_s=CONTROL_PERIOD_S,
            hold_action=(0.0, 0.0, 0.0),
            history=0,
            parameters=network.parameter_count,
            runtime=describe_runtime(DEFAULT_RUNTIME),
        )
        self._forget()

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> ReferencePolicy:
        """Load a checkpoint folder.

        Raises:
            InputError: It can't be read.
        """
        return cls(ReferenceNetwork.from_pretrained(folder), name or folder.name)

    def share(self) -> ReferencePolicy:
        twin = copy.copy(self)
        twin._forget()
        return twin

    def _forget(self) -> None:
        """Have no slots."""
        self._queries = torch.zeros(0, self.network.config.width)
        self._state = self.network.initial_state(0).detach()

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        more = max(slots) + 1 - len(self._queries)
        if more > 0:
            self._queries = torch.cat([self._queries, self._queries.new_zeros(more, self._queries.shape[1])])
            self._state = torch.cat([self._state, self._state.new_zeros(1, more, self._state.shape[2])], dim=1)
        rows = torch.tensor(list(slots))
        with torch.inference_mode():
            # One at a time, so that a slot's bits can't depend on which slots are reset with it.
            found = [self.network.read(self.network.encoder.encode([words])) for words in instructions]
        self._queries[rows] = torch.cat(found).clone()
        self._state = self._state.index_fill(1, rows, 0.0)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        pixels = torch.from_numpy(check_frames(batch, self.spec))
        odometry = torch.from_numpy(np.asarray(batch.agent_pos, np.float32)[:, ODOMETRY])
        live = torch.from_numpy(np.asarray(batch.live, bool))
        with torch.inference_mode():
            planes = downsample_frames(pixels, self.network.config.image_size)
            seen = self.network.see(planes, self._queries, odometry)
            output = self.network.head(seen.fused[:, None], self._state)
        self._state = torch.where(live[None, :, None], output.state, self._state).clone()
        actions: np.ndarray = output.actions[:, 0].numpy()
        return actions
