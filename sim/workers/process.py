"""A worker process: it builds its workshop once, then does units of work until the parent hangs up."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, Protocol

from scenarios.common.errors import InputError

JsonObject = dict[str, Any]

# One thread per worker: thread counts change sums, and so actions. LP_NUM_THREADS=0 keeps llvmpipe inside the caller.
SINGLE_THREAD_ENV = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",
    "TOKENIZERS_PARALLELISM": "false",
}


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


class JobRunner(Protocol):
    """What a worker builds once and does units with."""

    def do(self, kind: str, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        """Do one unit; ``part`` sends what is finished early."""
        ...


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


def run_worker(workshop: tuple[str, str], settings: JsonObject, link: Connection, clocks: Any) -> None:
    """A worker's life: build the workshop, do units until the parent hangs up."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C goes to the parent alone, and a kill reaches whatever a policy started
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output is the parent's alone
    watch = Heartbeat(clocks)

    def send(message: JsonObject) -> None:
        watch.alive()
        link.send_bytes(json.dumps(message, allow_nan=False).encode())

    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone: so are we
        try:
            module, name = workshop
            with _quiet():
                maker = getattr(importlib.import_module(module), name)
            bench: JobRunner = maker(settings, watch)
            send({"kind": "ready"})
            while True:
                unit = json.loads(link.recv_bytes())
                watch.alive()
                result = bench.do(unit["kind"], unit["arguments"], lambda part: send({"kind": "part", "part": part}))
                send({"kind": "done", "result": result})
        except InputError as error:
            send({"kind": "input", "text": str(error)})
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception:  # noqa: BLE001  whatever went wrong is told to the parent, which decides
            send({"kind": "broken", "text": traceback.format_exc()})
