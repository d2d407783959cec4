"""A server that anyone may write to: nothing that arrives stops it, makes it grow, or changes others' answers."""

from __future__ import annotations

import itertools
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgpack
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from ..servers import SIZE, Client, observation, pack_message

MESSAGES = 1000
SOUND = pack_message(observation(light=7))
ROOM_MB = 25


def mutate(rng: np.random.Generator) -> bytes:
    """A sound message with a few other bytes."""
    data = bytearray(SOUND)
    for _ in range(int(rng.integers(1, 8))):
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
    return bytes(data)


def insert(rng: np.random.Generator) -> bytes:
    """A sound message with some bytes more somewhere."""
    at = int(rng.integers(len(SOUND)))
    return SOUND[:at] + rng.bytes(int(rng.integers(1, 9))) + SOUND[at:]


def spoil_array(rng: np.random.Generator) -> bytes:
    """An image of another type or shape, whose data fit or don't."""
    dtype = rng.choice(["|u1", "<f4", "<f8", "|O", "<c16", "|V8", "<U9", "|b1", ">i2", "x", "<M8[s]", "<i4,<i4"])
    shape = [int(size) for size in rng.choice([0, 1, 3, 6, 8, 2**31, 2**40, -1], int(rng.integers(0, 10)))]
    image = {b"__ndarray__": True, b"data": bytes(int(rng.choice([0, 8, 144]))), b"dtype": str(dtype), b"shape": shape}
    return msgpack.packb({**msgpack.unpackb(SOUND), "observation/image": image})


def spoil_state(rng: np.random.Generator) -> bytes:
    """A state that isn't six finite numbers."""
    states = [
        np.full(6, np.nan),
        np.full(6, np.inf, np.float32),
        np.zeros(7),
        np.zeros((6, 1)),
        [1e308] * 6,
        {},
        None,
        "a",
    ]
    return pack_message(observation() | {"observation/state": states[int(rng.integers(len(states)))]})


def other_request(rng: np.random.Generator) -> bytes:
    """A request out of order, of another kind, or not one at all."""
    act = {"endpoint": "act", "rows": np.arange(3), "live": np.ones(3, bool), "agent_pos": np.zeros((3, 6), np.float32)}
    requests = [
        act,
        {"endpoint": "reset", "slots": [0, 0], "instructions": ["", ""]},
        {"endpoint": "reset", "slots": list(range(1000)), "instructions": ["go"] * 1000},
        {"endpoint": {}},
        {"endpoint": "kill"},
        {"endpoint": None, "session_id": {"a": [1]}},
        observation(prompt="x" * 100_000),
        observation() | {"observation/wrist_image": np.zeros((*SIZE, 3), np.uint8)},
        observation(session_id=["not", "hashable"], seed=-1),
        [],
        None,
        3,
    ]
    return pack_message(requests[int(rng.integers(len(requests)))])


def large_claim(rng: np.random.Generator) -> bytes:
    """A header that claims far more than there is, or nests far more than a message does."""
    claims = [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"]
    nested = [b"\x91" * 5000, b"\x81\xa1a" * 5000, b"\xdc\x03\xff" * 900, msgpack.packb([[]] * 1020) * 3]
    return [*claims, *nested][int(rng.integers(8))] + rng.bytes(4)


KINDS: tuple[Callable[[np.random.Generator], bytes | str], ...] = (
    mutate,
    insert,
    spoil_array,
    spoil_state,
    other_request,
    large_claim,
    lambda rng: SOUND[: int(rng.integers(len(SOUND)))],
    lambda rng: rng.bytes(int(rng.integers(0, 400))),
    lambda rng: "text " * int(rng.integers(0, 100)),
    lambda rng: bytes(300_000),
)


def memory_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """The address and the process id of a server that is a process of its own."""
    policy = f"{Path(__file__).parents[1] / 'servers.py'}:Counting"
    command = [sys.executable, "-m", "policies.serve", "--policy", policy, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1], process.pid
            assert process.poll() is None, "the server has died"
            process.send_signal(signal.SIGTERM)
            assert process.wait(30.0) == 0
        finally:
            process.kill()


def send(url: str, messages: list[bytes | str]) -> list[bytes | str]:
    """Send messages on a connection, until the server closes it; its answers."""
    answers: list[bytes | str] = []
    with connect(url, compression=None, max_size=None) as opened:
        opened.recv(timeout=30.0)
        for message in messages:
            try:
                opened.send(message)
                answers.append(opened.recv(timeout=30.0))
            except ConnectionClosed:
                break
    return answers


def episode(url: str) -> list[list[float]]:
    with Client(url) as client:
        return [client.ask(observation(light=light))["actions"].tolist() for light in (0, 100, 255)]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory of a process is read from /proc")
def test_a_thousand_hostile_messages_leave_the_server_as_it_was(server) -> None:
    url, pid = server
    rng, kinds = np.random.default_rng(0), itertools.cycle(KINDS)
    wanted, answers, room = episode(url), 0, 0.0
    with Client(url) as beside:
        beside.ask(observation())
        for number in range(MESSAGES // 5):
            messages = [next(kinds)(rng) for _ in range(5)]
            path = "" if number % 2 else "/v1/realtime/robot/openpi"  # where an error closes nothing
            for message in messages if not path else [None]:
                for answer in send(url + path, messages if message is None else [message]):
                    answers += 1
                    assert "Traceback" not in (answer if isinstance(answer, str) else answer.decode("latin-1"))
            if number == MESSAGES // 20:
                room = memory_mb(pid) + ROOM_MB
        steps = [round(100 * beside.ask(observation())["actions"][0, 0]) for _ in range(3)]
    assert answers == MESSAGES
    assert steps == [2, 3, 4]
    assert episode(url) == wanted
    assert memory_mb(pid) < room


def test_whoever_does_not_even_speak_http_stops_nothing(server) -> None:
    url, _ = server
    host, port = url.removeprefix("ws://").split(":")
    for data in (
        b"",
        b"\x00" * 100,
        b"GET / HTTP/1.1\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"A" * 100_000,
    ):
        with socket.create_connection((host, int(port)), timeout=5.0) as peer:
            peer.sendall(data)
            time.sleep(0.02)
    assert len(episode(url)) == 3
