"""The reference as a policy: the network sees, and a driver for each slot decides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from policies.inference.network_policy import SmallNetworkPolicy
from policies.policy import ObservationBatch, check_frames
from policies.reference.driving.driver import Driver
from policies.reference.network import ReferenceNetwork
from policies.reference.panorama import resample_frames
from policies.reference.sighting import read_outputs
from policies.reference.vocabulary import read_instruction
from scenarios.robot import ACTION_SIZE, IMAGE_SIZE

ODOMETRY = slice(3, 6)  # of ``agent_pos``: x, y and yaw since the start


class ReferencePolicy(SmallNetworkPolicy):
    """Policy that drives by what a ``ReferenceNetwork`` sees, on the processor."""

    network_type = ReferenceNetwork
    image_size = IMAGE_SIZE
    network: ReferenceNetwork

    def _forget(self) -> None:
        self._drivers: dict[int, Driver] = {}

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot, instruction in zip(slots, instructions, strict=True):
            self._drivers[slot] = Driver(read_instruction(instruction))

    def act(self, batch: ObservationBatch) -> np.ndarray:
        frames, live = check_frames(batch, self.spec), np.flatnonzero(batch.live)
        pictures = torch.from_numpy(resample_frames(frames[live])).float()
        poses = np.asarray(batch.agent_pos, np.float64)[:, ODOMETRY]
        actions = np.zeros((len(poses), ACTION_SIZE), np.float32)
        for slot, picture in zip(live.tolist(), pictures, strict=True):
            with torch.inference_mode():
                # Alone: a picture's last bits depend on how many are seen together.
                (sighting,) = read_outputs(self.network(picture[None]))
            actions[slot] = self._drivers[slot].step(poses[slot], sighting)
        return actions
