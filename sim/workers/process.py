"""A worker process: it builds its job runner once, then does jobs until the parent hangs up."""

from __future__ import annotations

import contextlib
import json
import os
import pkgutil
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from scenarios.common.errors import InputError
from sim.workers.job import Job, JobRunner, JsonObject


class Heartbeat:
    """A worker's side of the two clocks. All clocks here are ``time.monotonic``, one for the whole machine."""

    def __init__(self, clocks: Any) -> None:
        self._clocks = clocks  # [in the policy since, or 0; last sign of life]

    def alive(self) -> None:
        self._clocks[1] = time.monotonic()

    @contextlib.contextmanager
    def in_policy(self) -> Iterator[None]:
        """Around every call of a policy's code."""
        self._clocks[0] = time.monotonic()
        try:
            yield
        finally:
            self._clocks[0] = 0.0
            self.alive()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what C code prints while it is imported (PyBullet's greeting); Python's errors come as exceptions."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def run_worker(runner: str, settings: object, link: Connection, clocks: Any) -> None:
    """Build the job runner, then do jobs until the parent hangs up.

    Args:
        runner: "module:name" of the job runner, called with (settings, Heartbeat).
        settings: For it.
        link: To the parent. Jobs come pickled. What goes back is JSON: what isn't plain, or isn't finite, is an error
            of the job that made it.
        clocks: Shared with the parent, for the ``Heartbeat``.
    """
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C goes to the parent alone, and a kill reaches whatever a policy started
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output is the parent's alone
    heartbeat = Heartbeat(clocks)

    def send(message: JsonObject) -> None:
        heartbeat.alive()
        link.send_bytes(json.dumps(message, allow_nan=False).encode())

    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone: so are we
        try:
            with _quiet():
                make_runner = pkgutil.resolve_name(runner)
            jobs: JobRunner = make_runner(settings, heartbeat)
            send({"kind": "ready"})
            while True:
                job: Job = link.recv()
                heartbeat.alive()
                result = jobs.do(job, lambda part: send({"kind": "part", "part": part}))
                send({"kind": "done", "result": result})
        except InputError as error:
            send({"kind": "input", "text": str(error)})
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception:  # noqa: BLE001  whatever went wrong is told to the parent, which decides
            send({"kind": "broken", "text": traceback.format_exc()})
