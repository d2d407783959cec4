"""A policy for tests whose actions are a function of the batch and the instructions, and small data sets."""

from __future__ import annotations

import numpy as np

from policies.policy import PolicySpec


class Answering:
    """Answers with ``action_of(batch, instructions)``, (n, 3) or (n, c, 3)."""

    def __init__(self, action_of, image_size=(32, 32), **spec):
        self.spec = PolicySpec("answering", image_size, 0.1, (0.0, 0.0, 0.0), **spec)
        self.action_of = action_of
        self.instructions = ()

    def reset(self, slots, instructions):
        self.instructions = tuple(instructions)

    def act(self, batch):
        return np.asarray(self.action_of(batch, self.instructions), np.float32)


def constant(*action):
    """Answers always the same."""
    return Answering(lambda batch, _: np.tile(action, (len(batch.live), 1)))
