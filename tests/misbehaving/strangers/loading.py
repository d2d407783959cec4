# ruff: noqa: PLE0307, RUF012  a stranger's file
"""Policies that can't be loaded; ``told`` is a regular expression for the sentence that says so."""

import ctypes
import os
import signal
import struct
import subprocess
import sys
import time

import numpy as np


class Unloadable:
    """A policy but for what its subclass does."""

    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    told = None

    def reset(self, slots, instructions): ...

    def act(self, batch):
        return np.zeros((len(batch.live), 3))


def find_sockets():
    found = []
    for number in range(3, 64):
        try:
            if os.readlink(f"/proc/self/fd/{number}").startswith("socket"):
                found.append(number)
        except OSError:
            pass
    return found


class Raises(Unloadable):
    told = r"it can't be made: EOFError: Ran out of input \(loading.py:\d+\)"

    def __init__(self):
        raise EOFError("Ran out of input")


class RaisesForTerminals(Unloadable):
    told = r"it can't be made: ValueError: \\x1b\[2J\\udcff \\x00two lines \(loading.py:\d+\)"

    def __init__(self):
        raise ValueError("\x1b[2J\udcff \0two\nlines")


class RaisesEvil(Unloadable):
    told = r"it can't be made: Evil \(loading.py:\d+\)"

    def __init__(self):
        class Evil(BaseException):
            def __str__(self):
                sys.exit("no")

        raise Evil


class Leaves(Unloadable):
    told = r"it can't be made: SystemExit: no licence \(loading.py:\d+\)"

    def __init__(self):
        sys.exit("no licence")


class Interrupts(Unloadable):
    told = r"it can't be made: KeyboardInterrupt \(loading.py:\d+\)"

    def __init__(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in the background
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1e6)


class ExitsWithZero(Unloadable):
    told = r"can't be loaded: its process ended \(exit code 0\)"

    def __init__(self):
        os._exit(0)


class Crashes(Unloadable):
    told = r"can't be loaded: its process ended \(killed by SIGSEGV"

    def __init__(self):
        ctypes.string_at(0)


class KillsItself(Unloadable):
    told = r"can't be loaded: its process ended \(killed by SIGKILL\)"

    def __init__(self):
        os.kill(os.getpid(), signal.SIGKILL)


class KillsItsSupervisor(Unloadable):
    told = r"can't be loaded: its process ended \(killed by SIGKILL\)"

    def __init__(self):
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1e6)


class Sleeps(Unloadable):
    told = r"can't be loaded within"

    def __init__(self):
        time.sleep(1e6)


class KeepsTheInterpreter(Unloadable):
    told = r"can't be loaded within"

    def __init__(self):
        ctypes.PyDLL(None).sleep(1000)


class Stops(Unloadable):
    told = r"can't be loaded within"

    def __init__(self):
        os.kill(os.getpid(), signal.SIGSTOP)


class SendsByteByByte(Unloadable):
    told = r"can't be loaded within"

    def __init__(self):
        for step in range(10_000):
            for number in find_sockets():
                os.write(number, struct.pack(">I", 100_000) if step == 0 else b"\0")
            time.sleep(0.2)


class WritesGarbage(Unloadable):
    told = r"its process sent what isn't a description of it"

    def __init__(self):
        for number in find_sockets():
            os.write(number, b"\x00\x00\x00\x05\xc1\xc1\xc1\xc1\xc1")
        time.sleep(1e6)


class AnswersItself(Unloadable):
    told = r"its process sent what isn't a description of it"

    def __init__(self):
        for number in find_sockets():
            os.write(number, b"\x00\x00\x00\x07\x81\xa4spec\x80")
        time.sleep(1e6)


class ClosesEverything(Unloadable):
    told = r"can't be loaded: its process ended \(exit code 1: OSError: \[Errno 9\] Bad file descriptor"

    def __init__(self):
        os.closerange(3, 256)


class ForksAndReturnsTwice(Unloadable):
    """It can be loaded: the child that comes back ends."""

    def __init__(self):
        os.fork()


class PrintsMegabytes(Unloadable):
    told = r"it can't be made: RuntimeError: after much was said \(loading.py:\d+\)"

    def __init__(self):
        os.write(2, b"words " * 5_000_000)
        raise RuntimeError("after much was said")


class WithoutSpec(Unloadable):
    told = r"its spec is a NoneType: it must be a dictionary, or a PolicySpec"
    spec = None


class SpecIsAList(Unloadable):
    told = r"its spec is a list: it must be a dictionary, or a PolicySpec"
    spec = [("image_size", None)]


class SpecIsAClass(Unloadable):
    """Attributes that aren't values."""

    told = r"its spec can't be read: TypeError: Object of type property is not JSON serializable"

    class spec:  # noqa: N801
        image_size = property(lambda self: None)
        rate_hz = 10


class SpecRaises(Unloadable):
    told = r"it can't be made: KeyError: 'image_size' \(loading.py:\d+\)"

    @property
    def spec(self):
        return {}["image_size"]


class SpecHangs(Unloadable):
    told = r"can't be loaded within"

    @property
    def spec(self):
        time.sleep(1e6)


class SpecHoldsItself(Unloadable):
    told = r"its spec can't be read: RecursionError"
    spec = {}


SpecHoldsItself.spec["image_size"] = SpecHoldsItself.spec


class SpecOfNan(Unloadable):
    told = r"'rate_hz'"
    spec = {**Unloadable.spec, "rate_hz": float("nan")}


class SpecOfAHugeNumber(Unloadable):
    told = r"its spec can't be read: ValueError: the whole number 1000+ is too large"
    spec = {**Unloadable.spec, "parameters": 10**400}


class SpecOfNegativeSizes(Unloadable):
    told = r"the image size \(-8, 8\): it must be \(height, width\)"
    spec = {**Unloadable.spec, "image_size": [-8, 8]}


class SpecOfAHugeFrame(Unloadable):
    told = r"the image size \(1000000000, 8\): it must be \(height, width\)"
    spec = {**Unloadable.spec, "image_size": [10**9, 8]}


class SpecOfHugeText(Unloadable):
    told = r"'xxx"
    spec = {**Unloadable.spec, "x" * 10_000_000: 1}


class SpecOfMovingNumbers(Unloadable):
    """A dictionary whose entries raise."""

    told = r"its spec can't be read: RuntimeError: no entries \(loading.py:\d+\)"

    class Spec(dict):
        def items(self):
            raise RuntimeError("no entries")

    spec = Spec(Unloadable.spec)


class SpecInAStrangeName(Unloadable):
    told = r"policy '\\x1b\[31m two \\udcff'.*image size"
    spec = {**Unloadable.spec, "name": "\x1b[31m\ntwo \udcff", "image_size": [0, 0]}


class SpecOfBytes(Unloadable):
    told = r"its spec can't be read: TypeError: Object of type bytes is not JSON serializable"
    spec = {**Unloadable.spec, "name": b"bytes"}


class RaisesForEveryAttribute:
    """Not even the question whether it has an attribute is answered."""

    told = r"it can't be made: RuntimeError: nothing for you \(loading.py:\d+\)"

    def __getattribute__(self, name):
        raise RuntimeError("nothing for you")


class WeightsRaise(Unloadable):
    told = r"it can't be loaded: RuntimeError: no weights \(loading.py:\d+\)"

    @property
    def weights_sha256(self):
        raise RuntimeError("no weights")


class WithoutAct:
    told = r"it makes a WithoutAct without act: a policy has spec, reset and act, or spec and infer"
    spec = Unloadable.spec

    def reset(self, slots, instructions): ...
