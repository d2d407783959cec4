"""The server: addresses, tokens, health, limits, and one session for each connection."""

from __future__ import annotations

import asyncio
import hmac
import http
import logging
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from policies.remote.messages import LARGEST_MESSAGE, MessageError, pack_message, unpack_message
from policies.remote.metadata import describe_config, describe_policy
from policies.serve.batching import PolicyFailedError
from policies.serve.desk import PolicyDesk
from policies.serve.flavours import OPENPI, Flavour, find_flavour
from policies.serve.observations import RequestError
from policies.serve.session import MOST_SLOTS, Session
from policies.serve.source import PolicySource
from scenarios.common.user_code import describe_failure

HEALTH_PATHS = ("/healthz", "/health")
SCHEMES = ("Api-Key ", "Bearer ")
INTERNAL_ERROR = 1011
PING_S, PONG_S = 20.0, 60.0  # a client that is gone without a word is noticed
LONGEST_ERROR = 500  # characters
LOG = logging.getLogger("policies.serve")  # of the server itself


@dataclass(frozen=True)
class ServerOptions:
    """How a policy is served."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 for any free one."""
    token: str | None = None
    """What clients must send; None for nothing."""
    clients: int = 32
    """Most connections at a time."""
    batch: int = 8
    """Clients that are answered by one call of the policy."""
    tls: ssl.SSLContext | None = None
    """Certificate and key of ``wss``; None for ``ws``."""


class PolicyServer:
    """Serves a policy.

    Args:
        source: Gives the policies.
        options: Addresses and limits.

    Raises:
        InputError: The policy can't answer.
    """

    def __init__(self, source: PolicySource, options: ServerOptions) -> None:
        self._options = options
        self._executor = ThreadPoolExecutor(1, "policy")
        batch = options.batch if source.is_shareable else 1
        horizon = self._executor.submit(source.try_out, batch).result()
        self._desk = PolicyDesk(source, batch, self._executor)
        self._openpi_metadata = pack_message(describe_policy(source.spec, horizon, source.weights_sha256, MOST_SLOTS))
        self._vllm_metadata = pack_message(describe_config(source.spec, horizon))
        self._connections = 0

    async def run(self, announce: Callable[[int], None], stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set.

        Args:
            announce: Called with the port, once the server listens.
            stop: Ends the server.

        Raises:
            OSError: The address can't be had.
        """
        connections = LOG.getChild("connections")
        connections.setLevel(logging.CRITICAL)  # what clients do wrong is told to them
        async with serve(
            self._converse,
            self._options.host,
            self._options.port,
            ssl=self._options.tls,
            compression=None,
            max_size=LARGEST_MESSAGE,
            max_queue=1,
            origins=[None],  # no web page may talk to a server on its reader's machine
            process_request=self._check_request,
            ping_interval=PING_S,
            ping_timeout=PONG_S,
            logger=connections,
        ) as server:
            announce(find_port(server))
            await stop.wait()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _check_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a question for the server's health, or refuse a connection, in one sentence."""
        path = request.path.partition("?")[0]
        if path in HEALTH_PATHS:
            return connection.respond(http.HTTPStatus.OK, "OK\n")
        if find_flavour(path) is None:
            return connection.respond(
                http.HTTPStatus.NOT_FOUND, f"there is no policy at this path: use {OPENPI.path}\n"
            )
        if self._options.token is not None and not has_token(request, self._options.token):
            return connection.respond(
                http.HTTPStatus.UNAUTHORIZED, "send the server's token in the header 'Authorization: Api-Key TOKEN'\n"
            )
        if self._connections >= self._options.clients:
            return connection.respond(
                http.HTTPStatus.SERVICE_UNAVAILABLE, f"{self._connections} clients are connected, which is the most\n"
            )
        return None

    async def _converse(self, connection: ServerConnection) -> None:
        """Talk to one client until it goes."""
        assert connection.request is not None
        flavour = find_flavour(connection.request.path)
        assert flavour is not None  # the request was checked
        self._connections += 1
        session = Session(self._desk)
        try:
            await connection.send(self._openpi_metadata if flavour is OPENPI else self._vllm_metadata)
            await self._answer_requests(connection, session, flavour)
        except (ConnectionClosed, TimeoutError):
            return
        except Exception as error:  # noqa: BLE001  a fault of ours must end one conversation only
            LOG.error("a conversation failed: %s", describe_failure(error))
            await connection.close(INTERNAL_ERROR)
        finally:
            self._connections -= 1
            session.leave()

    async def _answer_requests(self, connection: ServerConnection, session: Session, flavour: Flavour) -> None:
        """Answer one request after the other.

        Raises:
            ConnectionClosed: The client has gone.
            TimeoutError: It sent nothing for as long as this flavour waits.
        """
        timing: dict[str, float] = {}
        while True:
            async with asyncio.timeout(flavour.idle_s):
                data = await connection.recv()
            began = time.perf_counter()
            try:
                result = await _answer(session, data)
                timing["infer_ms"] = 1e3 * (time.perf_counter() - began)
                reply = (
                    flavour.encode_actions(result, timing) if isinstance(result, np.ndarray) else pack_message(result)
                )
            except RequestError as error:
                if isinstance(error.__cause__, PolicyFailedError):
                    LOG.warning("%s", error)
                await connection.send(flavour.encode_error(_shorten(str(error))))
                if flavour.ends_with_error:
                    await connection.close(INTERNAL_ERROR, "the reason is in the message before")
                    return
                continue
            await connection.send(reply)
            timing["prev_total_ms"] = 1e3 * (time.perf_counter() - began)


async def _answer(session: Session, data: str | bytes) -> np.ndarray | dict[str, Any]:
    """Answer one message.

    Raises:
        RequestError: It isn't a request.
    """
    if isinstance(data, str):
        raise RequestError("send binary messages in MessagePack, not text")
    try:
        message = unpack_message(data)
    except MessageError as error:
        raise RequestError(str(error)) from error
    return await session.answer(message)


def has_token(request: Request, token: str) -> bool:
    """Return whether a request has the token."""
    given = request.headers.get_all("Authorization")
    return any(
        hmac.compare_digest(value.removeprefix(scheme).encode(), token.encode())
        for value in given
        for scheme in SCHEMES
        if value.startswith(scheme)
    )


def find_port(server: Server) -> int:
    """Return the port that a server listens at."""
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_ERROR else f"{line[: LONGEST_ERROR - 3]}..."
