"""Servers and clients for the tests of both sides of the protocol; openpi's own are written here as openpi has them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgpack
import numpy as np
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from policies.policy import ObservationBatch, Policy, PolicySpec

SIZE = (6, 8)


class Counting:
    """A policy that tells what it was given: (steps since the reset, first pixel, length of the instruction)."""

    def __init__(self, spec: PolicySpec | None = None) -> None:
        self.spec = spec or PolicySpec("counting", SIZE, 0.1, (0.0, 0.0, 0.0), history=0, parameters=1)
        self.steps, self.lengths = np.zeros(0, int), np.zeros(0, int)
        self.batches: list[int] = []  # live slots of each call

    def share(self) -> Counting:
        return Counting(self.spec)

    def reset(self, slots, instructions) -> None:
        more = max(slots) + 1 - len(self.steps)
        self.steps, self.lengths = (np.pad(kept, (0, max(0, more))) for kept in (self.steps, self.lengths))
        self.steps[list(slots)], self.lengths[list(slots)] = 0, [len(text) for text in instructions]

    def act(self, batch: ObservationBatch) -> np.ndarray:
        self.batches.append(int(batch.live.sum()))
        self.steps += batch.live
        light = batch.pixels.reshape(len(batch.live), -1)[:, 0] / 255.0
        return np.stack([self.steps / 100.0, light, self.lengths / 100.0], axis=1).astype(np.float32)


class Unshared:
    """A policy with weights that can't be shared."""

    def __init__(self) -> None:
        self._inner = Counting()
        self.spec = self._inner.spec

    def reset(self, slots, instructions) -> None:
        self._inner.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return self._inner.act(batch)


@contextlib.contextmanager
def serve_policy(make: Callable[[], Policy] = Counting, **options: Any) -> Iterator[str]:
    """Serve a policy in a thread; its address."""
    from policies.serve.server import PolicyServer, ServerOptions
    from policies.serve.source import PolicySource

    server = PolicyServer(PolicySource(make), ServerOptions(port=options.pop("port", 0), **options))
    listening, ports, loops = threading.Event(), [], []
    stop = asyncio.Event()

    def announce(port: int) -> None:
        ports.append(port)
        loops.append(asyncio.get_running_loop())
        listening.set()

    thread = threading.Thread(target=lambda: asyncio.run(server.run(announce, stop)), daemon=True)
    thread.start()
    assert listening.wait(30.0)
    try:
        yield f"ws://127.0.0.1:{ports[0]}"
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(30.0)


def pack_message(value: Any) -> bytes:
    """What ``openpi_client.msgpack_numpy.packb`` makes."""

    def encode(each: Any) -> Any:
        if isinstance(each, np.ndarray):
            return {b"__ndarray__": True, b"data": each.tobytes(), b"dtype": each.dtype.str, b"shape": each.shape}
        if isinstance(each, np.generic):
            return {b"__npgeneric__": True, b"data": each.item(), b"dtype": each.dtype.str}
        return each

    return msgpack.packb(value, default=encode)


def unpack_message(data: bytes) -> Any:
    """What ``openpi_client.msgpack_numpy.unpackb`` makes."""

    def decode(entries: dict) -> Any:
        if b"__ndarray__" in entries:
            return np.ndarray(buffer=entries[b"data"], dtype=entries[b"dtype"], shape=entries[b"shape"])
        return np.dtype(entries[b"dtype"]).type(entries[b"data"]) if b"__npgeneric__" in entries else entries

    return msgpack.unpackb(data, object_hook=decode)


class Client:
    """Speaks as ``openpi_client.websocket_client_policy`` does."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Api-Key {token}"} if token else None
        opened = connect(url, compression=None, max_size=None, additional_headers=headers)
        self.socket: ClientConnection = opened.__enter__()
        self.metadata = unpack_message(self.socket.recv(timeout=30.0))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, message: Any) -> Any:
        self.socket.send(pack_message(message))
        return self.receive()

    def receive(self) -> Any:
        answer = self.socket.recv(timeout=30.0)
        return answer if isinstance(answer, str) else unpack_message(answer)


def observation(light: int = 0, prompt: str = "go", **more: Any) -> dict[str, Any]:
    """An observation for ``Counting``."""
    pixels = np.full((*SIZE, 3), light, np.uint8)
    return {"observation/image": pixels, "observation/state": np.zeros(6, np.float32), "prompt": prompt, **more}


@contextlib.contextmanager
def serve_openpi(
    infer: Callable[[dict], Any], metadata: Any = None, raw: Callable[[ServerConnection], None] | None = None
) -> Iterator[str]:
    """A server as openpi's, which answers by ``infer``; ``raw`` takes the whole conversation instead. Its address."""

    def converse(connection: ServerConnection) -> None:
        if raw is not None:
            return raw(connection)
        connection.send(pack_message({} if metadata is None else metadata))
        for data in connection:
            try:
                reply = infer(unpack_message(data))
            except Exception as error:  # noqa: BLE001  as openpi's
                connection.send(f"Traceback (most recent call last):\n{type(error).__name__}: {error}")
                return connection.close(1011, "Internal server error. Traceback included in previous frame.")
            connection.send(reply if isinstance(reply, str | bytes) else pack_message(reply))
        return None

    with serve(converse, "127.0.0.1", 0, compression=None, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join(10.0)
