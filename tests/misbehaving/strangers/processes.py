# ruff: noqa: PLE0643, SIM105, SIM115  a stranger's file
"""Policies that start threads and processes, which live on."""

import multiprocessing
import os
import signal
import subprocess
import threading
import time

from calm import Calm, find_sockets


class ComputesInAThread(Calm):
    def alter(self, actions, batch):
        if self.calls == 3:
            threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
        return actions


class WaitsInAThread(Calm):
    def alter(self, actions, batch):
        threading.Thread(target=time.sleep, args=(1e6,)).start()
        return actions


class RaisesInAThread(Calm):
    shows_traceback = True

    def alter(self, actions, batch):
        thread = threading.Thread(target=lambda: [][0])
        thread.start()
        thread.join()
        return actions


class RaisesWhenDeleted(Calm):
    shows_traceback = True

    def alter(self, actions, batch):
        class State:
            def __del__(self):
                raise RuntimeError("not gone quietly")

        State()
        return actions


class ExitsFromAThread(Calm):
    cause = r"its process ended \(exit code 11"

    def alter(self, actions, batch):
        threading.Timer(0.05, os._exit, (11,)).start()
        time.sleep(1e6)


class LeavesAChild(Calm):
    def alter(self, actions, batch):
        subprocess.Popen(["sleep", "1000"])
        return actions


class LeavesADaemon(Calm):
    """Forked twice, in a session of its own, without any of the host's descriptors, deaf to signals."""

    def alter(self, actions, batch):
        if self.calls == 3 and os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 256)
                for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                    signal.signal(number, signal.SIG_IGN)
                time.sleep(1e6)
            os._exit(0)
        return actions


class LeavesAStoppedChild(Calm):
    def alter(self, actions, batch):
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        child.send_signal(signal.SIGSTOP)
        return actions


class LeavesTheDead(Calm):
    """Children that have ended and that nobody has asked about."""

    def alter(self, actions, batch):
        for _ in range(20):
            if os.fork() == 0:
                os._exit(0)
        return actions


class LeavesAChildWithItsOutput(Calm):
    """A child that prints for ever."""

    def alter(self, actions, batch):
        if self.calls == 3:
            subprocess.Popen(["sh", "-c", "while sleep 0.1; do echo still here >&2; done"], start_new_session=True)
        return actions


class LeavesAChainOfProcesses(Calm):
    """Each starts the next one and ends."""

    def alter(self, actions, batch):
        if self.calls == 3 and os.fork() == 0:
            os.setsid()
            while True:
                if os.fork():
                    os._exit(0)
                time.sleep(0.001)
        return actions


class LeavesAChildThatWrites(Calm):
    """A child that writes to the host's connections when the host has answered."""

    cause = r"its process|the policy did not return within"

    def alter(self, actions, batch):
        if self.calls == 3 and os.fork() == 0:
            while True:
                for number in find_sockets():
                    try:
                        os.write(number, b"\xff" * 100)
                    except OSError:
                        pass
                time.sleep(0.01)
        time.sleep(0.1)
        return actions


class LeavesAPool(Calm):
    def alter(self, actions, batch):
        if self.calls == 3:
            self.pool = multiprocessing.get_context("fork").Pool(2)
            actions[:, 1] = sum(self.pool.map(abs, [-0.5, -0.5]))
        return actions


class LeavesAServer(Calm):
    def alter(self, actions, batch):
        import socket

        server = socket.socket(socket.AF_UNIX)
        server.bind(f"\0misbehaving-{os.getpid()}-{self.calls}")
        server.listen(1)
        threading.Thread(target=server.accept).start()
        return actions


class AsksTheBroker(Calm):
    """Writes to the sockets of the run that it finds."""

    def alter(self, actions, batch):
        import socket

        for line in open("/proc/net/unix").read().split("\n"):
            path = line.split(" ")[-1]
            if path.startswith(os.path.dirname(os.path.dirname(own_socket()))) and path.endswith("broker"):
                for message in (b"\x80", b"\x81\xa8endpoint\xa4lost", b"\x81\xa8endpoint\xa4lend", b"\xc1\xff"):
                    link = socket.socket(socket.AF_UNIX)
                    link.connect(path)
                    link.sendall(len(message).to_bytes(4, "big") + message)
                    link.close()
        return actions


def own_socket():
    """The path of the socket that this process listens at."""
    inodes = [os.readlink(f"/proc/self/fd/{number}")[8:-1] for number in find_sockets()]
    lines = [line.split() for line in open("/proc/net/unix").read().splitlines()[1:]]
    return next(line[7] for line in lines if len(line) > 7 and line[6] in inodes and line[7].startswith("/"))
