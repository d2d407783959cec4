"""A connection to a policy server, in which nothing is waited for without end."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
import weakref
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from policies.remote.access import VLLM_PATH, is_loopback
from policies.remote.messages import LARGEST_MESSAGE, MessageError, pack, unpack
from policies.remote.metadata import ServerMetadata, read_metadata
from scenarios.common.errors import InputError

Result = TypeVar("Result")
RETRY_S = 0.25  # between two attempts to connect
CLOSE_S = 1.0


class ServerError(RuntimeError):
    """A server that can't be reached, or answers what isn't an answer; one sentence."""


class LateAnswerError(ServerError):
    """A server that didn't answer in time."""


class ConnectionLostError(ServerError):
    """A server that closed a connection in use."""


@dataclass(frozen=True)
class Server:
    """How to reach a server."""

    url: str
    token: str | None = None
    connect_s: float = 10.0
    """Time in which a connection must be made, attempts to reach a server that isn't up yet included."""


class EventLoop:
    """An event loop in a thread of its own, which answers the servers' pings between two calls."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._opened: weakref.WeakSet[Connection] = weakref.WeakSet()
        thread = threading.Thread(target=self._loop.run_forever, name="policy-server-connections", daemon=True)
        thread.start()
        self.close = weakref.finalize(self, _stop, self._loop, thread, self._opened)

    async def connect(self, server: Server) -> Connection:
        """Open a connection, which is closed with the loop at the latest.

        Raises:
            ServerError: Nothing answers there, or what answers isn't a policy server, or it refuses the token.
        """
        made = await open_connection(server)
        self._opened.add(made)
        return made

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do some work in the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread, opened: weakref.WeakSet[Connection]) -> None:
    """Close all that is open in a loop, and end its thread."""

    def stop() -> None:
        for connection in list(opened):
            connection.abort()
        loop.call_soon(loop.stop)

    loop.call_soon_threadsafe(stop)
    if thread is not threading.current_thread():
        thread.join(CLOSE_S)
        if not loop.is_running():
            loop.close()


class Connection:
    """An open connection. Its methods run in the event loop that opened it.

    Attributes:
        metadata: What the server said at first.
    """

    def __init__(self, socket: ClientConnection, metadata: ServerMetadata) -> None:
        self.metadata = metadata
        self._socket = socket
        self._owed = 0  # answers that are on their way

    async def ask(self, message: Mapping[str, Any], timeout_s: float) -> Any:
        """Send a message and return the server's answer to it. Answers that came too late are passed over.

        Raises:
            LateAnswerError: There is none in time.
            ConnectionLostError: The server closed the connection.
            ServerError: It answered with an error, or with what isn't an answer.
        """
        try:
            async with asyncio.timeout(timeout_s):
                self._owed += 1
                await self._socket.send(pack(message))
                while self._owed:
                    data = await self._socket.recv()
                    self._owed -= 1
        except TimeoutError:
            raise LateAnswerError(f"the server didn't answer within {timeout_s:g} s") from None
        except ConnectionClosed as error:
            raise ConnectionLostError(f"the server closed the connection ({_name_close(error)})") from error
        return _read_answer(data)

    async def close(self) -> None:
        """Close the connection, if it isn't closed yet."""
        await self._socket.close()

    def abort(self) -> None:
        """Close the connection without a word to the server."""
        self._socket.transport.abort()


async def open_connection(server: Server) -> Connection:
    """Open a connection and read the server's metadata; attempts are repeated until ``connect_s`` are over.

    Raises:
        ServerError: Nothing answers there, or what answers isn't a policy server, or it refuses the token.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + server.connect_s
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                return await _open_once(server)
        except TimeoutError:
            raise ServerError(f"nothing at {server.url} made a connection within {server.connect_s:g} s") from None
        except OSError as error:
            if loop.time() + RETRY_S > deadline:
                code = error.errno or 0  # asyncio's own text names the call and the address instead
                reason = os.strerror(code) if code > 0 else error.strerror or str(error)
                raise ServerError(f"there is no server at {server.url} ({reason}): start it, or correct it") from error
            await asyncio.sleep(RETRY_S)


async def _open_once(server: Server) -> Connection:
    headers = {"Authorization": f"Api-Key {server.token}"} if server.token else None
    host = urlsplit(server.url).hostname or ""
    socket = None
    try:
        # No pings: a server that computes for long doesn't answer them; each answer has its own time limit.
        socket = await connect(
            server.url,
            additional_headers=headers,
            compression=None,
            max_size=LARGEST_MESSAGE,
            ping_interval=None,
            open_timeout=None,
            close_timeout=CLOSE_S,
            proxy=None if host == "localhost" or _is_loopback_address(host) else True,
        )
        first = await socket.recv()
        if isinstance(first, str):
            raise ServerError(f"the server at {server.url} refuses: {_shorten(first)}")
        return Connection(socket, read_metadata(unpack(first)))
    except BaseException as error:
        if socket is not None:
            await _close_quietly(socket)
        if isinstance(error, InputError | MessageError):
            raise ServerError(f"what answers at {server.url} isn't a policy server: {error}") from error
        if isinstance(error, ConnectionClosed):
            raise ServerError(f"the server at {server.url} closed the connection ({_name_close(error)})") from error
        if isinstance(error, ssl.SSLError):
            reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
            raise ServerError(f"the certificate of {server.url} isn't accepted ({reason})") from error
        if isinstance(error, InvalidStatus):
            raise ServerError(_describe_status(server, error)) from error
        if isinstance(error, InvalidHandshake | InvalidURI):
            raise ServerError(f"what answers at {server.url} doesn't speak WebSocket") from error
        raise


async def _close_quietly(socket: ClientConnection) -> None:
    try:
        await asyncio.shield(socket.close())
    except asyncio.CancelledError:  # the time is over; the error that led here is raised
        return


def _is_loopback_address(host: str) -> bool:
    try:
        return is_loopback(host)
    except InputError:
        return False


def _describe_status(server: Server, error: InvalidStatus) -> str:
    status = error.response.status_code
    body = (error.response.body or b"").decode("utf-8", "replace")
    text = f" and says: {_shorten(body)}" if body.strip() else ""
    if status in (401, 403):
        return (
            f"the server at {server.url} refuses {'this token' if server.token else 'to answer without a token'}{text}"
        )
    hint = f"; vLLM-Omni's path is {VLLM_PATH}" if status == 404 else ""
    return f"the server at {server.url} answers with HTTP {status}{text}{hint}"


def _read_answer(data: str | bytes) -> Any:
    if isinstance(data, str):
        raise ServerError(f"the server answered: {_shorten(data.strip().splitlines()[-1] if data.strip() else data)}")
    try:
        answer = unpack(data)
    except MessageError as error:
        raise ServerError(f"the server's answer can't be read: {error}") from error
    if isinstance(answer, Mapping) and answer.get("type") == "error":
        raise ServerError(f"the server answered: {_shorten(str(answer.get('message', 'error')))}")
    return answer


def _name_close(error: ConnectionClosed) -> str:
    if error.rcvd is None:
        return "without a word"
    return _shorten(f"{error.rcvd.code} {error.rcvd.reason}".strip())


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:297]}..."
