"""The connection to a Ray cluster: what goes wrong is one sentence, within seconds where that is possible."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from scenarios.common.errors import InputError

ANSWER_S = 5.0  # for a connection
CONNECT_S = 120.0  # until Ray is ready
LOOPBACK_ONLY = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # read when Ray is imported, on Linux, too
NO_TELEMETRY = ("RAY_USAGE_STATS_ENABLED", "0")


def import_ray(address: str) -> Any:
    """Import Ray, so that a cluster that it starts here listens on this machine only, and reports to nobody.

    Args:
        address: As in RAY_ADDRESS.

    Raises:
        InputError: It isn't installed.
    """
    os.environ.setdefault(*NO_TELEMETRY)
    if names_no_place(address):
        os.environ.setdefault(*LOOPBACK_ONLY)
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise InputError(
            "--executor ray needs the package 'ray': run pip install 'mobile-vla-sim[ray]', or leave the flag out"
        ) from error


def names_no_place(address: str) -> bool:
    """Return whether Ray is to start a cluster on this machine."""
    return address in ("", "local")


def check_address(address: str) -> None:
    """Check within seconds that something answers at the address of a cluster; Ray itself would wait for minutes.

    Args:
        address: As in RAY_ADDRESS; "", "auto" and "local" name no place.

    Raises:
        InputError: It is no address, or nothing answers.
    """
    if address in ("", "auto", "local"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InputError(f"RAY_ADDRESS '{address}': give HOST:PORT or ray://HOST:PORT, or unset it to use this machine")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()
    except OSError as error:
        raise InputError(
            f"RAY_ADDRESS '{address}': nothing answers there ({error.strerror or error}): correct it, start a cluster "
            f"with 'ray start --head', or unset it to use this machine"
        ) from None


def connect_ray(start: Callable[[], object], address: str, limit_s: float = CONNECT_S) -> None:
    """Connect to a cluster, or start one on this machine.

    Args:
        start: Does it; in a thread if a cluster is there already, as Ray waits for ever for what is none.
        address: As in RAY_ADDRESS, for errors.
        limit_s: Time for a cluster that is given by its address.

    Raises:
        InputError: It fails, or takes too long.
    """
    failures: list[Exception] = []

    def try_to() -> None:
        log = logging.getLogger("ray._private.worker")
        level = log.level
        log.setLevel(logging.ERROR)  # it warns that only a main thread can handle signals
        try:
            start()
        except Exception as error:  # noqa: BLE001  told by the thread that waits
            failures.append(error)
        log.setLevel(level)

    handler = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=try_to, daemon=True)
    if not names_no_place(address):
        thread.start()
        thread.join(limit_s)
    else:  # the processes that Ray starts end with the thread that started them
        try_to()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray sets its own
    where = f"RAY_ADDRESS '{address}'" if address else "Ray on this machine"
    if thread.is_alive():
        raise InputError(f"{where}: no Ray cluster answers there within {limit_s:g} s: is it one, of the same version?")
    for failure in failures:
        reason = " ".join(str(failure).split())
        if "AF_UNIX" in reason:  # a socket's path is limited to 107 bytes
            raise InputError(
                "the path of Ray's temporary folder is too long for its sockets: set RAY_TMPDIR to a short one, as /tmp"
            ) from failure
        if not isinstance(failure, OSError | RuntimeError | ValueError):
            raise failure
        raise InputError(f"{where}: {reason}") from failure
