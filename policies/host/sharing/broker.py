"""The broker of a run: starts a host when the first worker needs it, lends it to all, and ends it after the last."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from policies.host.process import (
    START_S,
    HostAddress,
    HostProcess,
    HostRequest,
    limit_reload,
    make_short_folder,
)
from policies.host.standalone.messages import receive_message, send_message
from policies.host.supervised import END_S
from scenarios.common.errors import InputError
from scenarios.common.locks import remove_temporary_folder


class HostBroker:
    """Owns all hosts of a run, in threads of the parent process. Leaving the context ends them.

    Workers ask it through a socket, whose path is ``path``; the connection is a worker's lease. A policy that ended its
    host gets a host for each worker from then on, so that it costs no other worker an episode.

    Args:
        reload_s: Time in which a policy that was loaded before can be loaded again, at least.
        path: Of the socket; None for one in a new folder, which ends with the broker.
    """

    def __init__(self, reload_s: float = START_S, path: Path | None = None) -> None:
        self._reload_s = reload_s
        self._folder = make_short_folder()
        self.path = str(path or self._folder / "broker")
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lock = threading.Lock()  # of all that follows
        self._is_closed = False
        self._starting: dict[HostRequest, threading.Lock] = {}
        self._shared: dict[HostRequest, HostProcess] = {}
        self._connected: set[socket.socket] = set()
        self._leases: dict[socket.socket, HostProcess] = {}
        self._separate: set[HostRequest] = set()
        self._failures: dict[HostRequest, str] = {}
        self._loaded: dict[HostRequest, tuple[HostAddress, float]] = {}  # what they declared, and how long it took

    def __enter__(self) -> HostBroker:
        self._server.bind(self.path)
        self._server.listen(1024)
        threading.Thread(target=self._accept, name="policy-hosts", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_closed = True
            processes, links = {*self._shared.values(), *self._leases.values()}, list(self._leases)
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # ends the thread that accepts
        self._server.close()
        for link in links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for process in processes:
            process.close()
        remove_temporary_folder(self._folder)

    @property
    def is_idle(self) -> bool:
        """Whether no worker is connected."""
        with self._lock:
            return not self._connected

    def prepare(self, request: HostRequest) -> None:
        """Begin to start a host that a worker is going to ask for; the worker is told if it fails."""

        def start() -> None:
            with contextlib.suppress(InputError):
                self._take(request)

        threading.Thread(target=start, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the socket was closed
            while True:
                link, _ = self._server.accept()
                with self._lock:
                    self._connected.add(link)
                threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        """Answer a worker until it ends its lease."""
        with contextlib.suppress(EOFError, OSError, ValueError), link:
            send_message(link, {})  # so that the worker knows that it isn't the socket of a process that is ending
            while True:
                request = receive_message(link)
                try:
                    answer = self._answer(link, request)
                except InputError as error:
                    answer = {"error": str(error)}
                except (LookupError, TypeError, AttributeError):
                    break  # no worker of this run sent it
                send_message(link, answer)
        self._end_lease(link)
        with self._lock:
            self._connected.discard(link)

    def _answer(self, link: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
        if request["endpoint"] == "lost":
            return {"text": self._end_lost(link, request["is_hanging"])}
        if request["endpoint"] == "count":
            with self._lock:
                return {"users": list(self._leases.values()).count(self._leases[link])}
        asked = request["host"]
        environment = tuple((name, value) for name, value in asked.pop("environment"))
        return self._lend(link, HostRequest(**asked, environment=environment))

    def _lend(self, link: socket.socket, request: HostRequest) -> dict[str, Any]:
        """Lend a worker a host, which is started if need be.

        Raises:
            InputError: The policy can't be loaded.
        """
        self._end_lease(link)
        process, is_shared = self._take(request, link)
        return {**process.message, "is_shared": is_shared}

    def _take(self, request: HostRequest, link: socket.socket | None = None) -> tuple[HostProcess, bool]:
        """Find or start a host, for the lease of a worker if there is one; return whether it is shared.

        Raises:
            InputError: The policy can't be loaded.
        """
        with self._lock:
            starting = self._starting.setdefault(request, threading.Lock())
        with starting:
            process = self._find(request) or self._start(request)
            with self._lock:
                if self._is_closed:
                    process.close()
                    raise InputError("the run has ended")
                if link is not None:
                    self._leases[link] = process
                is_shared = request not in self._separate
                if is_shared:
                    self._shared[request] = process
        return process, is_shared

    def _start(self, request: HostRequest) -> HostProcess:
        """Start a host; what couldn't be loaded once isn't tried again.

        Raises:
            InputError: The policy can't be loaded, or isn't what it was when it was loaded before.
        """
        if request in self._failures:
            raise InputError(self._failures[request])
        before = self._loaded.get(request)
        start_s = START_S if before is None else limit_reload(before[1], self._reload_s)
        try:
            process = HostProcess(request, start_s, self._folder)
            process.check_same(process.address if before is None else before[0])
        except InputError as error:
            self._failures[request] = str(error)
            raise
        self._loaded.setdefault(request, (process.address, process.load_s))
        return process

    def _find(self, request: HostRequest) -> HostProcess | None:
        """Return the shared host of a policy, if there is one and the policy hasn't ended it."""
        with self._lock:
            found = self._shared.get(request)
            if found is not None and not found.is_running:
                self._separate.add(request)
            return None if request in self._separate else found

    def _end_lost(self, link: socket.socket, is_hanging: bool) -> str:
        """End a host that a worker lost; describe how it ended."""
        with self._lock:
            process = self._leases[link]
        cause = process.describe_end(0.0 if is_hanging else END_S)
        with self._lock:
            self._separate.add(process.request)
            self._shared.pop(process.request, None)
        process.close()
        return cause

    def _end_lease(self, link: socket.socket) -> None:
        """End a worker's lease, and the host if nobody else has it."""
        with self._lock:
            process = self._leases.pop(link, None)
            if process is None or process in self._leases.values():
                return
            if self._shared.get(process.request) is process:
                del self._shared[process.request]
        process.close()


class LeasedHost:
    """A host that a broker lends to this process.

    Args:
        link: The connection to the broker.
        request: What the host is to load.

    Raises:
        InputError: The policy can't be loaded.
    """

    def __init__(self, link: socket.socket, request: HostRequest) -> None:
        self._request = request
        self._link = link
        self.restart()

    def count_users(self) -> int:
        send_message(self._link, {"endpoint": "count"})
        return int(receive_message(self._link)["users"])

    def report_loss(self, is_hanging: bool) -> str:
        send_message(self._link, {"endpoint": "lost", "is_hanging": is_hanging})
        return str(receive_message(self._link)["text"])

    def restart(self) -> None:
        send_message(self._link, {"endpoint": "lend", "host": asdict(self._request)})
        answer = receive_message(self._link)
        if "error" in answer:
            raise InputError(answer["error"])
        self.address, self.is_shared = HostAddress.read(answer, self._request), bool(answer["is_shared"])

    def close(self) -> None:
        self._link.close()


def connect_broker(path: str) -> socket.socket:
    """Connect to the broker whose socket has this path, and wait until it has accepted.

    Raises:
        OSError: There is none.
    """
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.connect(path)
        receive_message(link)
    except EOFError:
        link.close()
        raise ConnectionResetError(f"'{path}' is the socket of a process that has ended") from None
    except BaseException:
        link.close()
        raise
    return link
