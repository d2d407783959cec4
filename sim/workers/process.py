"""The main function of a worker process: builds its job runner once, then does jobs until the parent disconnects."""

from __future__ import annotations

import contextlib
import ctypes
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
from scenarios.common.quiet import open_closed_streams, quiet_stderr
from sim.workers.job import Job, JobRunner, JsonObject
from sim.workers.memory import limit_heap

PR_SET_PDEATHSIG = 1  # Linux's number


class Heartbeat:
    """The worker's side of the two shared clocks, in seconds of ``time.monotonic``, the same in all processes."""

    def __init__(self, clocks: Any) -> None:
        self._clocks = clocks  # [in the policy since, or 0; last sign of life]

    def alive(self) -> None:
        """Show a sign of life."""
        self._clocks[1] = time.monotonic()

    @contextlib.contextmanager
    def in_policy(self) -> Iterator[None]:
        """Mark the time spent inside the policy; every call of a policy's code runs in this context."""
        self._clocks[0] = time.monotonic()
        try:
            yield
        finally:
            self._clocks[0] = 0.0
            self.alive()


def run_worker(runner: str, settings: object, link: Connection, clocks: Any) -> None:
    """Build the job runner, then do jobs until the parent disconnects.

    Args:
        runner: "module:name" of the job runner, called with (settings, Heartbeat).
        settings: Settings for the runner.
        link: Connection to the parent. Jobs arrive pickled. Results are sent as JSON: values that JSON can't represent,
            or that aren't finite, are an error of their job.
        clocks: Shared with the parent, for the ``Heartbeat``.
    """
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C reaches only the parent, and a kill also ends what a policy started
    _end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    open_closed_streams()
    os.dup2(2, 1)  # only the parent writes to standard output
    limit_heap()
    heartbeat = Heartbeat(clocks)

    def send(message: JsonObject) -> None:
        heartbeat.alive()
        link.send_bytes(json.dumps(message, allow_nan=False).encode())

    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone
        try:
            with quiet_stderr():
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
        except Exception:  # noqa: BLE001  any error is reported to the parent, which decides
            send({"kind": "broken", "text": traceback.format_exc()})


def _end_with_parent() -> None:
    """Let Linux end this process with its parent, even while a policy keeps the interpreter to itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
