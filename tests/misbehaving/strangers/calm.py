# ruff: noqa: RUF012  a stranger's file
"""A well-behaved policy, from which the misbehaving ones beside it are made. Nothing here is of the project."""

import numpy as np


class Calm:
    """Drives to its left until it touches a wall."""

    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    cause = None  # a regular expression: how the error of its episodes begins; None: they end as those of Calm
    is_calm = True  # without a cause: whether it drives to the bit as Calm does
    shows_traceback = False  # whether Python prints one of the policy's own threads

    def __init__(self):
        self.calls = 0

    def reset(self, slots, instructions):
        self.calls = 0

    def act(self, batch):
        self.calls += 1
        actions = np.zeros((len(batch.live), 3), np.float32)
        actions[:, 1] = 1.0
        return actions if self.calls < 3 else self.alter(actions, batch)

    def alter(self, actions, batch):
        """Misbehave: from the third call on."""
        return actions


def find_sockets():
    """The descriptors of this process that are sockets."""
    import os

    found = []
    for number in range(3, 64):
        try:
            if os.readlink(f"/proc/self/fd/{number}").startswith("socket"):
                found.append(number)
        except OSError:
            pass
    return found
