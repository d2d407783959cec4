# ruff: noqa: NPY002, RUF012, N818  a stranger's file
"""Policies that tests run in hosts. It imports nothing of this project, as a stranger's file."""

import ctypes
import os
import random
import signal
import sys
import threading
import time

import numpy as np

SPEC = {"image_size": [8, 8], "rate_hz": 10, "hold_action": [0, 0, 0]}


class Base:
    spec = SPEC

    def __init__(self):
        self.calls = 0

    def reset(self, slots, instructions):
        self.instructions, self.calls = list(instructions), 0

    def act(self, batch):
        self.calls += 1
        actions = np.zeros((len(batch.live), 3), np.float32)
        actions[:, 0] = self.calls / 100
        return self.alter(actions, batch)

    def alter(self, actions, batch):
        return actions


class Mean(Base):
    """Answers what it sees."""

    def alter(self, actions, batch):
        actions[:, 1] = batch.pixels.mean(axis=(1, 2, 3)) / 255
        actions[:, 2] = batch.agent_pos[:, 0]
        return actions


class Draws(Base):
    """Draws from the global generators of its process."""

    def alter(self, actions, batch):
        actions[:, 1], actions[:, 2] = random.random(), np.random.random()
        return actions


class Writes(Base):
    """Writes into its inputs."""

    def alter(self, actions, batch):
        batch.pixels[:], batch.agent_pos[:], batch.live[:] = 0, 0, False
        return actions


class Says(Base):
    """Tells where and what it is."""

    def alter(self, actions, batch):
        raise ValueError(f"{os.getcwd()} {sys.version_info[1]} {os.getpid()} {[p for p in sys.path if 'host' in p]}")


class Locked(Base):
    """Can't be copied."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class Closure(Base):
    """A function that keeps the original would be shared by copies."""

    def __init__(self):
        super().__init__()
        self.count = lambda: setattr(self, "total", getattr(self, "total", 0) + 1) or self.total

    def alter(self, actions, batch):
        actions[:, 1] = self.count() / 100
        return actions


class Shares(Locked):
    def share(self):
        made = Shares()
        made.is_shared = True
        return made

    def alter(self, actions, batch):
        actions[:, 1] = float(getattr(self, "is_shared", False))
        return actions


class Infers:
    """A policy in openpi's way."""

    spec = {
        **SPEC,
        "chunk": 2,
        "observation": {"pixels_key": "image", "state_key": "state", "instruction_key": "prompt"},
    }

    def __init__(self):
        self.resets = 0

    def reset(self):
        self.resets += 1

    def infer(self, observation):
        assert set(observation) == {"image", "state", "prompt"}
        first = [len(observation["prompt"]) / 10, observation["image"].mean() / 255, self.resets]
        return {"actions": np.array([first, first], np.float64)}


class InfersNested(Infers):
    """Takes dictionaries in a dictionary, and writes into what it is given."""

    spec = {
        **SPEC,
        "chunk": 2,
        "observation": {
            "pixels_key": ["observation", "image"],
            "state_key": ["observation", "state"],
            "instruction_key": "prompt",
        },
    }

    def infer(self, observation):
        assert set(observation) == {"observation", "prompt"}
        answer = super().infer({**observation["observation"], "prompt": observation["prompt"]})
        observation["observation"]["image"][:] = 0
        return answer


class InfersAnArray(Infers):
    def infer(self, observation):
        return np.zeros(3)


class InfersWithoutKeys(Infers):
    spec = {**SPEC, "observation": {"pixels_key": None, "state_key": None, "instruction_key": None}}


class Privileged(Base):
    spec = {**SPEC, "privileged": True}


class EvilStr(Exception):
    def __str__(self):
        raise RuntimeError("an error that can't be told")


class RaisesEvilStr(Base):
    def alter(self, actions, batch):
        raise EvilStr


class RaisesSurrogates(Base):
    def alter(self, actions, batch):
        raise ValueError("bad file \udcff \ud800")


class Leaves(Base):
    def alter(self, actions, batch):
        sys.exit("lost the policy server")


class Interrupts(Base):
    def alter(self, actions, batch):
        raise KeyboardInterrupt


class ExitsHard(Base):
    def alter(self, actions, batch):
        os._exit(3)


class ExitsAtThird(Base):
    def alter(self, actions, batch):
        if self.calls == 3:
            os._exit(7)
        return actions


class ExitsInReset(Base):
    def reset(self, slots, instructions):
        os._exit(4)


class Segfaults(Base):
    def alter(self, actions, batch):
        ctypes.string_at(0)


class Aborts(Base):
    def alter(self, actions, batch):
        os.abort()


class ClosesDescriptors(Base):
    def alter(self, actions, batch):
        os.closerange(3, 256)
        return actions


class Hangs(Base):
    def alter(self, actions, batch):
        while True:
            pass


class HangsInReset(Base):
    def reset(self, slots, instructions):
        time.sleep(1e6)


class HangsInArray(Base):
    def alter(self, actions, batch):
        class Never:
            def __array__(self, dtype=None, copy=None):
                time.sleep(1e6)

        return Never()


class HangsInSpec(Base):
    @property
    def spec(self):
        time.sleep(1e6)


class WritesToConnections(Base):
    """A header that promises more than comes, then nothing."""

    def alter(self, actions, batch):
        for number in range(3, 64):
            try:
                if os.readlink(f"/proc/self/fd/{number}").startswith("socket"):
                    os.write(number, b"\x00\x00\xff\xff{")
            except OSError:
                pass
        time.sleep(1e6)


class LeavesAChildBehind(Base):
    """A process in a session of its own that has the connection open, when the host leaves."""

    def alter(self, actions, batch):
        if os.fork() == 0:
            os.setsid()
            time.sleep(1e6)
        os._exit(5)


class Multiplies(Base):
    """Starts processes of its own, as loaders of data do."""

    def alter(self, actions, batch):
        import multiprocessing

        with multiprocessing.get_context("fork").Pool(2) as pool:
            actions[:, 1] = sum(pool.map(abs, [-0.25, -0.25]))
        return actions


class Spawns(Base):
    """Asks a process of its own, which imports everything anew."""

    def alter(self, actions, batch):
        import multiprocessing

        with multiprocessing.get_context("spawn").Pool(1) as pool:
            actions[:, 1] = pool.apply(measure_brightness, (batch,))
        return actions


def measure_brightness(batch):
    return batch.pixels.mean() / 255


class NotNumbers(Base):
    def alter(self, actions, batch):
        return [*actions.astype(object)[:, :2].tolist(), ["x", "y"]]


class Nan(Base):
    def alter(self, actions, batch):
        return actions * np.nan


class ReturnsNothing(Base):
    def alter(self, actions, batch):
        return None


class TooLarge(Base):
    def alter(self, actions, batch):
        return np.broadcast_to(np.float32(0), (2**29,))


class Prints(Base):
    def alter(self, actions, batch):
        os.write(1, b"x" * 3_000_000)
        sys.stdout.write("spoken\n" * 1000)
        return actions


class ChangesItsProcess(Base):
    """Everything that would change the policies after it, if they lived in the same process."""

    def alter(self, actions, batch):
        os.chdir("/")
        os.environ["OMP_NUM_THREADS"] = "7"
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ctypes.CDLL(None).fesetround(0xC00) if hasattr(ctypes.CDLL(None), "fesetround") else None
        random.seed(0)
        np.random.seed(0)
        return actions


class RaisesWhenMade:
    def __init__(self):
        raise EOFError("Ran out of input")


class LeavesWhenMade:
    def __init__(self):
        print("no licence found", file=sys.stderr)
        os._exit(9)


class WithoutAct:
    spec = SPEC

    def reset(self, slots, instructions): ...


class NeedsArgument(Base):
    def __init__(self, path, k=1):
        super().__init__()


class BadSpec(Base):
    spec = {**SPEC, "image_size": "large"}


class RaisingSpec(Base):
    @property
    def spec(self):
        return {}["image_size"]


class NumpySpec(Base):
    spec = {**SPEC, "image_size": np.array([8, 8]), "rate_hz": np.float32(10)}


number = 3
