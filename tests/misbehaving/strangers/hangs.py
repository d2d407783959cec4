# ruff: noqa: PIE808, SIM105  a stranger's file
"""Policies that don't come back, in a call or outside of one."""

import atexit
import ctypes
import itertools
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import numpy as np
from calm import Calm, find_sockets

LATE = r"the policy did not return within"


class Sleeps(Calm):
    cause = LATE

    def alter(self, actions, batch):
        time.sleep(1e6)


class SleepsInReset(Calm):
    cause = LATE

    def reset(self, slots, instructions):
        time.sleep(1e6)


class Computes(Calm):
    cause = LATE

    def alter(self, actions, batch):
        while True:
            pass


class KeepsTheInterpreter(Calm):
    """Holds Python's interpreter lock in C."""

    cause = LATE

    def alter(self, actions, batch):
        ctypes.PyDLL(None).sleep(1000)


class SleepsInItsAnswer(Calm):
    cause = LATE

    def alter(self, actions, batch):
        class Never:
            def __array__(self, dtype=None, copy=None):
                time.sleep(1e6)

        return Never()


class AnswersWithoutEnd(Calm):
    cause = r"TypeError|ValueError|" + LATE

    def alter(self, actions, batch):
        class Endless:
            def __len__(self):
                return 10

            def __getitem__(self, place):
                time.sleep(0.5)
                return [0.0, 0.0, 0.0] if place < 1000 else None

        return Endless()


class WaitsForALock(Calm):
    cause = LATE

    def alter(self, actions, batch):
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()


class WaitsForAChild(Calm):
    cause = LATE

    def alter(self, actions, batch):
        subprocess.run(["sleep", "1000"])


class WaitsForAServer(Calm):
    cause = LATE

    def alter(self, actions, batch):
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        server.accept()


class ReadsInput(Calm):
    """There is none."""

    def alter(self, actions, batch):
        sys.stdin.read()
        return actions


class IgnoresSignalsAndSleeps(Calm):
    cause = LATE

    def alter(self, actions, batch):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, lambda *_: time.sleep(1e6))
        os.kill(os.getpid(), signal.SIGTERM)
        return actions


class SleepsWhenDeleted(Calm):
    """The state of the last episode is given up in the next call."""

    cause = LATE

    def alter(self, actions, batch):
        class State:
            def __del__(self):
                time.sleep(1e6)

        self.state = State()
        return actions


class SleepsAtItsExit(Calm):
    def alter(self, actions, batch):
        atexit.register(time.sleep, 1e6)
        return actions


class SleepsWhenCopied(Calm):
    cause = LATE

    def __deepcopy__(self, memory):
        time.sleep(1e6)


class SleepsWhenShared(Calm):
    cause = LATE

    def share(self):
        time.sleep(1e6)


class StopsBetweenCalls(Calm):
    """Its process is stopped once it has answered."""

    cause = LATE

    def reset(self, slots, instructions):
        super().reset(slots, instructions)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGSTOP)).start()

    def act(self, batch):
        time.sleep(0.1)
        return super().act(batch)


class KeepsTheInterpreterBetweenCalls(Calm):
    cause = LATE

    def reset(self, slots, instructions):
        super().reset(slots, instructions)
        threading.Timer(0.2, ctypes.PyDLL(None).sleep, (1000,)).start()

    def act(self, batch):
        time.sleep(0.1)
        return super().act(batch)


class SilencesItsConnections(Calm):
    """What its process sends from now on doesn't leave it."""

    cause = LATE

    def alter(self, actions, batch):
        sys.modules["mobile_vla_sim_host.host"].send_message = lambda *_: None
        return actions


class SendsByteByByte(Calm):
    """The beginning of a long answer, and a byte of it now and then."""

    cause = LATE

    def alter(self, actions, batch):
        for step in itertools.count():
            for number in find_sockets():
                try:
                    os.write(number, struct.pack(">I", 100_000) if step == 0 else b"\0")
                except OSError:
                    pass
            time.sleep(0.5)


class BeginsForEver(Calm):
    """Says again and again that it begins."""

    cause = r"its process sent what isn't an answer \(it began twice\)"

    def alter(self, actions, batch):
        began = b"\x81\xa5began\xc3"
        while True:
            for number in find_sockets():
                try:
                    os.write(number, struct.pack(">I", len(began)) + began)
                except OSError:
                    pass
            time.sleep(0.2)


class WritesHalfAMessage(Calm):
    cause = LATE

    def alter(self, actions, batch):
        for number in find_sockets():
            try:
                os.write(number, b"\x00\x00\xff\xff{")
            except OSError:
                pass
        time.sleep(1e6)


class WritesGarbage(Calm):
    """Then it goes on as if nothing was."""

    cause = r"its process sent what isn't an answer"

    def alter(self, actions, batch):
        for number in find_sockets():
            try:
                os.write(number, b"\x00\x00\x00\x05\xc1\xc1\xc1\xc1\xc1")
            except OSError:
                pass
        return actions


class PromisesTooMuch(Calm):
    cause = r"its process sent what isn't an answer"

    def alter(self, actions, batch):
        for number in find_sockets():
            try:
                os.write(number, b"\xff\xff\xff\xff")
            except OSError:
                pass
        return actions


class AnswersTwice(Calm):
    """The second answer is there before the next question."""

    cause = r"its process answered without actions"

    def alter(self, actions, batch):
        empty = b"\x81\xa5hello\xc3"
        for number in find_sockets():
            try:
                os.write(number, struct.pack(">I", len(empty)) + empty)
            except OSError:
                pass
        return np.array(actions)


class WritesBetweenCalls(Calm):
    """A thread of its own writes to every descriptor."""

    cause = r"its process sent what isn't an answer|its process answered without actions|its process ended|" + LATE

    def alter(self, actions, batch):
        def write():
            while True:
                for number in find_sockets():
                    try:
                        os.write(number, os.urandom(100))
                    except OSError:
                        pass

        threading.Thread(target=write, daemon=True).start()
        time.sleep(0.1)
        return actions


class WritesToEveryDescriptor(Calm):
    cause = r"its process sent what isn't an answer|its process ended|" + LATE

    def alter(self, actions, batch):
        for number in range(0, 64):
            try:
                os.write(number, b"\0\0\0\1garbage\n")
            except OSError:
                pass
        return actions
