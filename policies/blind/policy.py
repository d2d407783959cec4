"""A trained blind network as a policy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from policies.blind.network import BlindNetwork
from policies.inference.network_policy import SmallNetworkPolicy
from policies.policy import ObservationBatch


class BlindNetworkPolicy(SmallNetworkPolicy):
    """Policy that drives with a ``BlindNetwork``. It is so small that it runs on the processor alone."""

    network_type = BlindNetwork
    network: BlindNetwork

    def _forget(self) -> None:
        self._words, self._state = self.network.encode([]), self.network.initial_state(0)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        more = max(slots) + 1 - len(self._words)
        if more > 0:
            self._words = torch.cat([self._words, self.network.encode([""] * more)])
            self._state = torch.cat([self._state, self.network.initial_state(more)], dim=1)
        rows = torch.tensor(list(slots))
        self._words[rows] = self.network.encode(instructions)
        self._state = self._state.index_copy(1, rows, self.network.initial_state(len(slots)))

    def act(self, batch: ObservationBatch) -> np.ndarray:
        with torch.inference_mode():
            odometry = torch.from_numpy(np.asarray(batch.agent_pos, np.float32))[:, None]
            output = self.network(self._words, odometry, self._state)
        live = torch.from_numpy(np.asarray(batch.live, bool))
        self._state = torch.where(live[None, :, None], output.state, self._state)
        actions: np.ndarray = output.actions[:, 0].numpy()
        return actions
