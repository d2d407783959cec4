"""The expert: a privileged driver that sees the true map. Teacher, ceiling, and judge of every visited state."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from policies.policy import Batch, PolicySpec
from scenarios.planner import Planner

TURN_GAIN = 1.8  # rad/s per rad of heading error, before scaling
SLOW_CLEARANCE_M = 0.30  # below this hull clearance it slows down, to SLOWEST at contact
CRUISE, SLOWEST = 0.95, 0.40  # share of full speed


def command(planner: Planner, pose: np.ndarray) -> np.ndarray:
    """What the expert does in a state: head for the point that its least-cost path leads to, and look there.

    Args:
        planner: Of the world that the robot is in.
        pose: (3,) x, y (m), yaw (rad) in the world's frame.

    Returns:
        (3,) float32 body-frame action in [-1, 1].
    """
    xy, yaw = pose[:2], float(pose[2])
    aim = planner.aim_from(xy) - xy
    turn = math.remainder(math.atan2(aim[1], aim[0]) - yaw, math.tau)
    room = float(np.clip(planner.clearance(xy) / SLOW_CLEARANCE_M, 0.0, 1.0))
    # Driving sideways is driving blind: slow down until the camera has turned.
    speed = (SLOWEST + (CRUISE - SLOWEST) * room) * max(0.35, math.cos(turn))
    action = np.array([speed * math.cos(turn), speed * math.sin(turn), TURN_GAIN * turn])
    return np.clip(action, -1.0, 1.0).astype(np.float32)


class Expert:
    """The expert as a policy. It plans once per world, on the truth that its spec asks for."""

    spec = PolicySpec(name="expert", image_size=None, period_s=0.1, hold_action=(0.0, 0.0, 0.0), privileged=True)

    def __init__(self) -> None:
        self._planners: dict[int, Planner] = {}

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot in slots:
            self._planners.pop(slot, None)

    def act(self, batch: Batch) -> np.ndarray:
        if batch.truth is None:
            raise ValueError("the expert sees the true world: a batch for it needs 'truth'")
        actions = np.zeros((len(batch.live), 3), np.float32)
        for slot in np.flatnonzero(batch.live).tolist():
            truth = batch.truth[slot]
            if slot not in self._planners:
                self._planners[slot] = Planner(truth.world)
            actions[slot] = command(self._planners[slot], truth.pose)
        return actions
