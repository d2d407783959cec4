# ruff: noqa: RUF012, SIM105  a stranger's file
"""Policies that see the true world, and misbehave."""

import ctypes
import os
import signal
import time

import numpy as np
from calm import Calm, find_sockets


class Knows(Calm):
    spec = {**Calm.spec, "privileged": True}


class KnowsAndLooks(Knows):
    """Looks at all that it is told."""

    def alter(self, actions, batch):
        for state in batch.truth:
            assert np.isfinite(state.pose).all()
            assert state.world.items
            assert len(state.progress) == len(state.world.movers)
        return actions


class KnowsAndRewrites(Knows):
    def alter(self, actions, batch):
        for state in batch.truth:
            state.pose[:] = np.nan
            object.__setattr__(state.world, "items", ())
        return actions


class KnowsAndExits(Knows):
    cause = r"its process ended \(exit code 3\)"

    def alter(self, actions, batch):
        os._exit(3)


class KnowsAndDies(Knows):
    cause = r"its process ended \(killed by SIGKILL\)"

    def alter(self, actions, batch):
        os.kill(os.getpid(), signal.SIGKILL)


class KnowsAndHangs(Knows):
    cause = r"the policy did not return within"

    def alter(self, actions, batch):
        ctypes.PyDLL(None).sleep(1000)


class KnowsAndWrites(Knows):
    cause = r"the policy did not return within"

    def alter(self, actions, batch):
        for number in find_sockets():
            try:
                os.write(number, b"\x00\x00\xff\xff{")
            except OSError:  # the one at which it listens
                pass
        time.sleep(1e6)


class KnowsAndChangesItsSurroundings(Knows):
    def alter(self, actions, batch):
        ctypes.CDLL("libm.so.6").fesetround(0xC00)
        np.seterr(all="raise")
        os.chdir("/")
        return actions


class KnowsAndInterrupts(Knows):
    cause = r"KeyboardInterrupt \(knowing.py"

    def alter(self, actions, batch):
        raise KeyboardInterrupt
