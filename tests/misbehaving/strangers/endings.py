# ruff: noqa: E731, SIM115  a stranger's file
"""Policies that end their process, in every way."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time

from calm import Calm, find_sockets


class LeavesWithZero(Calm):
    cause = r"SystemExit: 0 \(endings.py"

    def alter(self, actions, batch):
        sys.exit(0)


class ExitsWithZero(Calm):
    cause = r"its process ended \(exit code 0\)"

    def alter(self, actions, batch):
        os._exit(0)


class Exits(Calm):
    cause = r"its process ended \(exit code 3\)"

    def alter(self, actions, batch):
        os._exit(3)


class ExitsInReset(Calm):
    cause = r"its process ended \(exit code 4\)"

    def reset(self, slots, instructions):
        os._exit(4)


class SaysSomethingAndExits(Calm):
    cause = r"its process ended \(exit code 9: \\x1b\[31mno licence\\x1b\[0m\)"

    def alter(self, actions, batch):
        print("\x1b[31mno licence\x1b[0m", file=sys.stderr)
        os._exit(9)


class Aborts(Calm):
    cause = r"its process ended \(killed by SIGABRT"

    def alter(self, actions, batch):
        os.abort()


class FatalError(Calm):
    cause = r"its process ended \(killed by SIGABRT"

    def alter(self, actions, batch):
        ctypes.pythonapi.Py_FatalError(b"the interpreter is unwell")


class SegmentationFault(Calm):
    cause = r"its process ended \(killed by SIGSEGV"

    def alter(self, actions, batch):
        ctypes.string_at(0)


class StackOverflow(Calm):
    cause = r"its process ended \(killed by SIGSEGV"

    def alter(self, actions, batch):
        sys.setrecursionlimit(2**30)
        deeper = lambda item: sorted([item], key=deeper)
        deeper(0)


class Signals(Calm):
    """Sends its own process a signal, which is not ignored, as it is for some in the background."""

    number = 0
    handler = None

    def alter(self, actions, batch):
        if self.handler is not None:
            signal.signal(self.number, self.handler)
        os.kill(os.getpid(), self.number)
        time.sleep(1e6)


class KillsItself(Signals):
    cause = r"its process ended \(killed by SIGKILL"
    number = signal.SIGKILL


class Terminates(Signals):
    cause = r"its process ended \(killed by SIGTERM"
    number = signal.SIGTERM


class HangsUp(Signals):
    cause = r"its process ended \(killed by SIGHUP"
    number = signal.SIGHUP
    handler = signal.SIG_DFL


class RealTimeSignal(Signals):
    cause = r"its process ended \(killed by signal 40"
    number = 40


class InterruptsItself(Signals):
    cause = r"KeyboardInterrupt \(endings.py"
    number = signal.SIGINT
    handler = staticmethod(signal.default_int_handler)


class Stops(Signals):
    cause = r"the policy did not return within"
    number = signal.SIGSTOP


class Alarm(Calm):
    cause = r"its process ended \(killed by SIGALRM"

    def alter(self, actions, batch):
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(1e6)


class NoTimeLeft(Calm):
    cause = r"its process ended \(killed by SIGXCPU"

    def alter(self, actions, batch):
        resource.setrlimit(resource.RLIMIT_CPU, (0, 5))
        while True:
            pass


class NoMemoryLeft(Calm):
    cause = r"MemoryError|its process ended"

    def alter(self, actions, batch):
        resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
        return bytearray(2**30)


class NoDescriptorsLeft(Calm):
    cause = r"OSError: \[Errno 24\]|its process ended"

    def alter(self, actions, batch):
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        open("/dev/null")


class ClosesEverything(Calm):
    cause = r"its process ended \(exit code 1: OSError: \[Errno 9\] Bad file descriptor"

    def alter(self, actions, batch):
        os.closerange(3, 256)
        return actions


class ClosesEverythingAndItsOutput(Calm):
    cause = r"its process ended \(exit code 1"

    def alter(self, actions, batch):
        os.closerange(0, 256)
        return actions


class ClosesItsConnectionsAndWaits(Calm):
    cause = r"its process ended \(it closed its connection|the policy did not return within"

    def alter(self, actions, batch):
        for number in find_sockets():
            os.close(number)
        time.sleep(1e6)


class BecomesAnother(Calm):
    cause = r"its process ended \(exit code 0"

    def alter(self, actions, batch):
        os.execv("/bin/true", ["true"])


class BecomesOneThatSleeps(Calm):
    cause = r"its process ended \(it closed its connection"

    def alter(self, actions, batch):
        os.execv("/bin/sleep", ["sleep", "1000"])


class ForksAndDies(Calm):
    """A process in a session of its own has the connection open when the host leaves."""

    cause = r"its process ended \(exit code 5"

    def alter(self, actions, batch):
        if os.fork() == 0:
            os.setsid()
            time.sleep(1e6)
        os._exit(5)


class ForksAndReturnsTwice(Calm):
    def alter(self, actions, batch):
        os.fork()
        return actions


class ExitsBetweenCalls(Calm):
    """Its process ends outside of any call, while another process has its connection open."""

    cause = r"its process ended \(exit code 6"

    def reset(self, slots, instructions):
        if os.fork() == 0:
            os.setsid()
            time.sleep(1e6)
        threading.Timer(0.05, os._exit, (6,)).start()

    def alter(self, actions, batch):
        time.sleep(0.2)
        return actions


class KillsItsSupervisor(Calm):
    cause = r"its process ended \(killed by SIGKILL"

    def alter(self, actions, batch):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1e6)


class KillsItsSupervisorAndLeavesAChild(KillsItsSupervisor):
    def alter(self, actions, batch):
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
        return super().alter(actions, batch)


class OutlivesItsSupervisor(KillsItsSupervisor):
    """Its process isn't to be killed with its parent, either."""

    cause = r"its process ended \(killed by SIGKILL|the policy did not return within"

    def alter(self, actions, batch):
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        return super().alter(actions, batch)


class StopsItsSupervisor(Calm):
    cause = r"its process ended \(exit code 3"

    def alter(self, actions, batch):
        os.kill(os.getppid(), signal.SIGSTOP)
        os._exit(3)
