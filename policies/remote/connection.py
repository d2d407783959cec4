"""A connection to a policy server, in which no answer is waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from policies.remote.messages import MessageError, pack_message, unpack_message
from policies.remote.metadata import ServerMetadata


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
                await self._socket.send(pack_message(message))
                while self._owed:
                    data = await self._socket.recv()
                    self._owed -= 1
        except TimeoutError:
            raise LateAnswerError(f"the server didn't answer within {timeout_s:g} s") from None
        except ConnectionClosed as error:
            raise ConnectionLostError(f"the server closed the connection ({name_close(error)})") from error
        return _read_answer(data)

    async def close(self) -> None:
        """Close the connection, if it isn't closed yet."""
        await self._socket.close()

    def abort(self) -> None:
        """Close the connection without a word to the server."""
        self._socket.transport.abort()


def _read_answer(data: str | bytes) -> Any:
    if isinstance(data, str):
        raise ServerError(
            f"the server answered: {shorten_text(data.strip().splitlines()[-1] if data.strip() else data)}"
        )
    try:
        answer = unpack_message(data)
    except MessageError as error:
        raise ServerError(f"the server's answer can't be read: {error}") from error
    if isinstance(answer, Mapping) and answer.get("type") == "error":
        raise ServerError(f"the server answered: {shorten_text(str(answer.get('message', 'error')))}")
    return answer


def name_close(error: ConnectionClosed) -> str:
    """Return the code and reason with which a server closed a connection."""
    if error.rcvd is None:
        return "without a word"
    return shorten_text(f"{error.rcvd.code} {error.rcvd.reason}".strip())


def shorten_text(text: str) -> str:
    """Return a text of a server as one line that isn't long."""
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:297]}..."
