"""Opening of connections to policy servers, which live in an event loop of their own."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
import weakref
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from policies.remote.access import VLLM_PATH, names_this_machine
from policies.remote.connection import Connection, Server, ServerError, name_close, shorten_text
from policies.remote.messages import LARGEST_MESSAGE, MessageError, unpack_message
from policies.remote.metadata import ServerMetadata, read_metadata
from scenarios.common.errors import InputError

Result = TypeVar("Result")
RETRY_S = 0.25  # between two attempts to connect
CLOSE_S = 1.0


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
    try:
        # No pings: a server that computes for long doesn't answer them; each answer has its own time limit.
        socket = await connect(
            server.url,
            additional_headers={"Authorization": f"Api-Key {server.token}"} if server.token else None,
            compression=None,
            max_size=LARGEST_MESSAGE,
            ping_interval=None,
            open_timeout=None,
            close_timeout=CLOSE_S,
            proxy=None if names_this_machine(urlsplit(server.url).hostname or "") else True,
        )
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
        raise ServerError(f"the certificate of {server.url} isn't accepted ({reason})") from error
    except InvalidStatus as error:
        raise ServerError(_describe_status(server, error)) from error
    except (InvalidHandshake, InvalidURI) as error:
        raise ServerError(f"what answers at {server.url} doesn't speak WebSocket") from error
    try:
        return Connection(socket, await _receive_metadata(server, socket))
    except BaseException:
        socket.transport.abort()
        raise


async def _receive_metadata(server: Server, socket: ClientConnection) -> ServerMetadata:
    try:
        first = await socket.recv()
    except ConnectionClosed as error:
        raise ServerError(f"the server at {server.url} closed the connection ({name_close(error)})") from error
    if isinstance(first, str):
        raise ServerError(f"the server at {server.url} refuses: {shorten_text(first)}")
    try:
        return read_metadata(unpack_message(first))
    except (InputError, MessageError) as error:
        raise ServerError(f"what answers at {server.url} isn't a policy server: {error}") from error


def _describe_status(server: Server, error: InvalidStatus) -> str:
    """Describe a refusal by HTTP."""
    status, body = error.response.status_code, (error.response.body or b"").decode("utf-8", "replace")
    text = f" and says: {shorten_text(body)}" if body.strip() else ""
    if status in (401, 403):
        what = "this token" if server.token else "to answer without a token"
        return f"the server at {server.url} refuses {what}{text}"
    hint = f"; vLLM-Omni's path is {VLLM_PATH}" if status == 404 else ""
    return f"the server at {server.url} answers with HTTP {status}{text}{hint}"
