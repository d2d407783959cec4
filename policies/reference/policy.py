"""The trained reference as a policy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from policies.backbones.preprocessing import downsample_frames
from policies.inference.network_policy import SmallNetworkPolicy
from policies.policy import ObservationBatch, check_frames
from policies.reference.network import ODOMETRY, ReferenceNetwork
from scenarios.robot import IMAGE_SIZE


class ReferencePolicy(SmallNetworkPolicy):
    """Policy that drives with a ``ReferenceNetwork``, on the processor."""

    network_type = ReferenceNetwork
    image_size = IMAGE_SIZE
    network: ReferenceNetwork

    def _forget(self) -> None:
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
