"""The broker of a cluster's node: workers there that have no parent in common share hosts, one copy of the weights.

The first worker starts it, in a process of its own, so that it outlives each of them; it ends after the last one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from policies.host.process import PROJECT
from policies.host.sharing.broker import HostBroker, connect_broker
from scenarios.common.errors import InputError
from scenarios.common.locks import lock_file

NODE = "node:"  # what a ``Hosting.broker`` begins with that is a run's name and no path
START_S = 120.0
IDLE_S = 10.0  # without any worker
LOOK_S = 0.05


def name_node_broker() -> str:
    """Return a new name of a run, for all its workers on all nodes."""
    return f"{NODE}{secrets.token_hex(8)}"


def connect_node_broker(name: str, reload_s: float) -> socket.socket:
    """Connect to this node's broker of a run, which is started if there is none.

    Args:
        name: The run's, of ``name_node_broker``.
        reload_s: As for ``HostBroker``.

    Raises:
        InputError: It can't be started.
    """
    folder = Path(tempfile.gettempdir()) / f"mobile-vla-node-{name.removeprefix(NODE)}"
    with _lock_folder(folder):
        with contextlib.suppress(OSError):
            return connect_broker(str(folder / "s"))
        (folder / "s").unlink(missing_ok=True)
        return _start(folder, reload_s)


@contextlib.contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Make the folder, for this user alone, and hold its lock; who held it before may have removed it."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError), (folder / "lock").open("wb") as lock:
            lock_file(lock, wait=True)
            if os.path.samestat(os.fstat(lock.fileno()), os.stat(lock.name)):
                yield
                return


def _start(folder: Path, reload_s: float) -> socket.socket:
    """Start the broker's process, and connect to it.

    Raises:
        InputError: It ended, or didn't answer in time.
    """
    command = (sys.executable, "-m", __name__, str(folder), str(reload_s), str(IDLE_S))
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join((str(PROJECT), os.environ.get("PYTHONPATH", "")))}
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env=variables, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return connect_broker(str(folder / "s"))
        time.sleep(LOOK_S)
    process.kill()
    raise InputError(
        f"the process that shares policies among the workers of this node did not start (exit code {process.wait()})"
    )


def main(arguments: Sequence[str]) -> None:
    """Serve until no worker was connected for some time.

    Args:
        arguments: The folder of the socket, ``reload_s``, and that time in seconds.
    """
    folder, reload_s, idle_s = Path(arguments[0]), float(arguments[1]), float(arguments[2])
    with HostBroker(reload_s, folder / "s") as broker:
        while True:
            _wait_until_idle(broker, idle_s)
            with _lock_folder(folder):  # nobody connects meanwhile
                if broker.is_idle:
                    shutil.rmtree(folder, ignore_errors=True)
                    return


def _wait_until_idle(broker: HostBroker, idle_s: float) -> None:
    used = time.monotonic()
    while time.monotonic() < used + idle_s:
        time.sleep(LOOK_S)
        if not broker.is_idle:
            used = time.monotonic()


if __name__ == "__main__":
    main(sys.argv[1:])
