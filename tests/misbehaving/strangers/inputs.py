# ruff: noqa: RUF012  a stranger's file
"""Policies that do with their inputs what they shouldn't."""

import numpy as np
from calm import Calm


class Sees(Calm):
    """Takes frames, as large as those that are hashed for one that takes none."""

    spec = {**Calm.spec, "image_size": [224, 224]}


class WritesIntoInputs(Sees):
    def alter(self, actions, batch):
        batch.pixels[:], batch.agent_pos[:], batch.live[:] = 0, np.nan, False
        return actions


class ResizesInputs(Sees):
    def alter(self, actions, batch):
        for name in ("pixels", "agent_pos", "live"):
            part = getattr(batch, name)
            try:
                part.resize((0,), refcheck=False)
            except ValueError:
                part.shape = (-1,)
        return actions


class ReplacesInputs(Sees):
    def alter(self, actions, batch):
        batch.pixels = batch.agent_pos = batch.live = batch.truth = None
        del batch.pixels
        return actions


class RewritesOldInputs(Sees):
    """Keeps every frame, and writes into all of them later."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def act(self, batch):
        self.kept.append(batch)
        for old in self.kept:
            old.pixels[:], old.live[:] = 255, False
        return super().act(batch)

    def alter(self, actions, batch):
        self.kept[0].agent_pos[:] = 1e30
        return actions


class RewritesInstructions(Sees):
    def reset(self, slots, instructions):
        super().reset(slots, instructions)
        slots[:] = []
        instructions[:] = ["\udcff" * 1000]
        instructions.append(None)


class LooksForTheTruth(Calm):
    """There is none."""

    cause = r"AssertionError: no truth \(inputs.py"

    def alter(self, actions, batch):
        assert batch.truth is not None, "no truth"
        return actions


class MixesSlots(Calm):
    """All slots share a state: what one sees depends on the others."""

    is_calm = False
    shared = [0.0]

    def alter(self, actions, batch):
        for slot in range(len(actions)):
            MixesSlots.shared[0] += 0.01
            actions[slot, 0] = MixesSlots.shared[0] % 0.1
        return actions


class Grows(Calm):
    """Takes 8 MB in each call and gives nothing back."""

    kept = []

    def alter(self, actions, batch):
        Grows.kept.append(np.ones(2**20))
        return actions
