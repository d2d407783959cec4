# ruff: noqa: RUF012  a stranger's file
"""Policies whose spec isn't always the same, and ones that can be loaded once only."""

import os
import time

import numpy as np
from calm import Calm


class SpecChanges(Calm):
    """Declares something else whenever it is asked."""

    asked = 0

    @property
    def spec(self):
        SpecChanges.asked += 1
        return {**Calm.spec, "rate_hz": 10 if SpecChanges.asked < 4 else SpecChanges.asked, "privileged": False}


class SpecIsEmptied(Calm):
    def __init__(self):
        super().__init__()
        self.spec = dict(Calm.spec)

    def alter(self, actions, batch):
        self.spec.clear()
        return actions


class SpecOfNumPy(Calm):
    spec = {
        "image_size": None,
        "rate_hz": np.float64(10),
        "hold_action": np.zeros(3, np.float16),
        "chunk": np.int64(1),
        "privileged": np.bool_(False),
        "parameters": np.uint8(7),
    }


class SpecWithOthersMethods(Calm):
    """An object that answers whatever it is asked."""

    class Spec:
        image_size, rate_hz, hold_action = None, 10, (0, 0, 0)

    spec = Spec()


class SecondLoad(Calm):
    """Behaves when it is loaded before anything is driven, and misbehaves when it is loaded again."""

    def __init__(self):
        super().__init__()
        mark = os.path.join(os.environ["MISBEHAVING"], type(self).__name__)
        if os.path.exists(mark):
            self.load_again()
        os.close(os.open(mark, os.O_CREAT))

    def load_again(self):
        """Misbehave."""


class RaisesAtSecondLoad(SecondLoad):
    cause = r"it can't be loaded again: .*FileExistsError: once only \(specs.py"

    def load_again(self):
        raise FileExistsError("once only")


class SleepsAtSecondLoad(SecondLoad):
    cause = r"it can't be loaded again: .* can't be loaded within"

    def load_again(self):
        time.sleep(1e6)


class TellsTheTruthLater(SecondLoad):
    """Wants to see the true world when it is loaded again."""

    cause = r"it can't be loaded again: .* declares something else than when it was loaded before"

    def load_again(self):
        self.spec = {**Calm.spec, "privileged": True}


class AnotherSizeLater(SecondLoad):
    cause = r"it can't be loaded again: .* declares something else than when it was loaded before"

    def load_again(self):
        self.spec = {**Calm.spec, "image_size": [16, 16]}
