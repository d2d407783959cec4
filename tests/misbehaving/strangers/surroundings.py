# ruff: noqa: NPY002  a stranger's file
"""Policies that change the state of their process, which would be that of others if they shared it."""

import builtins
import ctypes
import gc
import json
import locale
import logging
import os
import random
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings

import numpy as np
from calm import Calm


class ChangesFolder(Calm):
    def alter(self, actions, batch):
        os.chdir("/")
        return actions


class LosesItsFolder(Calm):
    """The working folder is one that has been removed."""

    def alter(self, actions, batch):
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        os.rmdir(folder)
        return actions


class ClearsEnvironment(Calm):
    def alter(self, actions, batch):
        os.environ.clear()
        os.environ["OMP_NUM_THREADS"] = "7"
        return actions


class MasksFiles(Calm):
    def alter(self, actions, batch):
        os.umask(0o777)
        return actions


class RoundsTowardsZero(Calm):
    def alter(self, actions, batch):
        ctypes.CDLL("libm.so.6").fesetround(0xC00)
        return actions


class FlushesSmallNumbers(Calm):
    """Numbers close to zero are zero from now on."""

    def alter(self, actions, batch):
        library, environment = ctypes.CDLL("libm.so.6"), (ctypes.c_uint32 * 8)()
        library.fegetenv(environment)
        environment[7] |= 0x8040  # of the vector unit
        library.fesetenv(environment)
        return actions


class RaisesOnRounding(Calm):
    def alter(self, actions, batch):
        np.seterr(all="raise")
        np.seterrcall(lambda *_: os._exit(1))
        return actions


class TrapsFloatingPoint(Calm):
    """The processor ends the process at a division by zero."""

    cause = r"its process ended \(killed by SIGFPE"

    def alter(self, actions, batch):
        ctypes.CDLL("libm.so.6").feenableexcept(0x1D)
        return actions / np.zeros_like(actions)


class SeedsGenerators(Calm):
    def alter(self, actions, batch):
        random.seed(0)
        np.random.seed(0)
        return actions


class ReplacesGenerators(Calm):
    cause = r"TypeError: 'NoneType' object is not callable|its process ended"

    def reset(self, slots, instructions):
        super().reset(slots, instructions)
        builtins.len = None

    def alter(self, actions, batch):
        np.random.set_state = random.setstate = random.getstate = np.random.seed = None
        return actions


class TurnsWarningsIntoErrors(Calm):
    cause = r"RuntimeWarning: overflow encountered in cast"

    def alter(self, actions, batch):
        warnings.simplefilter("error")
        return actions.astype(np.float64) * 1e300


class FewCallsInEachOther(Calm):
    cause = r"RecursionError|its process ended"

    def alter(self, actions, batch):
        sys.setrecursionlimit(len(__import__("inspect").stack()) + 3)
        return actions


class IgnoresSignals(Calm):
    def alter(self, actions, batch):
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        return actions


class ForgetsModules(Calm):
    cause = r"ModuleNotFoundError: No module named 'numpy' \(surroundings.py"

    def alter(self, actions, batch):
        sys.path.clear()
        sys.meta_path.clear()
        sys.modules.clear()
        import numpy.nowhere  # noqa: F401

        return actions


class ForgetsPaths(Calm):
    def alter(self, actions, batch):
        sys.path[:] = ["/nowhere", None, 5]
        return actions


class ChangesNumPy(Calm):
    cause = r"its process ended \(exit code 1: TypeError|TypeError: 'NoneType' object is not callable"

    def alter(self, actions, batch):
        np.asarray = np.array = np.zeros = np.ndarray = None
        return actions


class ChangesTime(Calm):
    def alter(self, actions, batch):
        time.time = time.monotonic = time.perf_counter = lambda: -1e9
        time.sleep = lambda *_: None
        return actions


class ChangesJson(Calm):
    def alter(self, actions, batch):
        json.dumps = json.loads = lambda *_, **__: "{}"
        return actions


class ChangesBuiltins(Calm):
    cause = r"its process ended|TypeError: 'NoneType' object is not callable"

    def alter(self, actions, batch):
        builtins.isinstance = builtins.print = builtins.open = builtins.str = None
        return actions


class ChangesThreads(Calm):
    def alter(self, actions, batch):
        threading.Thread.start = threading.Lock = threading.excepthook = None
        return actions


class ShortensEveryWait(Calm):
    def alter(self, actions, batch):
        socket.setdefaulttimeout(0.001)
        return actions


class CountsInAnotherLanguage(Calm):
    def alter(self, actions, batch):
        for name in ("de_DE.UTF-8", "tr_TR.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
                break
            except locale.Error:
                continue
        return actions


class ClosesItsOutput(Calm):
    def alter(self, actions, batch):
        if self.calls == 3:
            sys.stdout.close()
            sys.stderr.close()
            os.closerange(0, 3)
        return actions


class ReplacesItsOutput(Calm):
    def alter(self, actions, batch):
        class Evil:
            def write(self, text):
                raise RuntimeError("no output")

            flush = fileno = write

        sys.stdout = sys.stderr = Evil()
        return actions


class PrintsMegabytes(Calm):
    def alter(self, actions, batch):
        os.write(1, b"x" * 30_000_000)
        os.write(2, (b"\x1b[2J\0\xff" * 100 + b"\n") * 10_000)
        return actions


class PrintsLinesOfProgress(Calm):
    def alter(self, actions, batch):
        for step in range(100_000):
            sys.stderr.write(f"\r{step}")
        return actions


class LogsEverything(Calm):
    shows_traceback = True

    def alter(self, actions, batch):
        logging.basicConfig(level=logging.DEBUG, force=True)
        try:
            raise KeyError("known")
        except KeyError:
            logging.exception("an error that was dealt with")
        return actions


class CollectsNothing(Calm):
    def alter(self, actions, batch):
        gc.disable()
        gc.set_threshold(1)
        sys.setswitchinterval(1e-6)
        return actions


class FollowsEveryLine(Calm):
    cause = r"RuntimeError: traced \(surroundings.py"

    def alter(self, actions, batch):
        def trace(frame, event, argument):
            raise RuntimeError("traced")

        sys.settrace(trace)
        time.strftime("%Y")
        return (lambda: actions)()


class FollowsLater(Calm):
    """What it has Python call at each call of a function raises in the host's own functions."""

    cause = r"RuntimeError|its process ended"

    def alter(self, actions, batch):
        def trace(frame, event, argument):
            if "host" in frame.f_code.co_filename:
                raise RuntimeError("traced")

        sys.setprofile(trace)
        return actions


class Hurries(Calm):
    """Another priority, one processor, another name, a limit on its files."""

    def alter(self, actions, batch):
        os.nice(19)
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        ctypes.CDLL(None).prctl(15, b"\xff\n)) evil", 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        return actions


class LeavesItsGroup(Calm):
    cause = r"its process ended \(exit code 8"

    def alter(self, actions, batch):
        os.setpgid(0, os.getpgid(os.getppid()))
        os._exit(8)


class MovesTemporaryFiles(Calm):
    def alter(self, actions, batch):
        tempfile.tempdir = os.environ["TMPDIR"] = "/nowhere"
        return actions


class UsesTorch(Calm):
    """Another default type, another number of threads, small numbers flushed, its own tensor as the answer."""

    needs = "torch"

    def __init__(self):
        super().__init__()
        import torch  # noqa: F401

    def alter(self, actions, batch):
        import torch

        torch.set_default_dtype(torch.float64)
        torch.set_flush_denormal(True)
        torch.set_num_threads(3)
        torch.manual_seed(0)
        return torch.from_numpy(actions)
