from __future__ import annotations

import gc
import http.server
import socket
import threading
import time

import pytest

from policies.remote.connection import Server, ServerError
from policies.remote.opening import EventLoop, open_connection

from ..servers import pack_message, serve_openpi, serve_policy


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_a_server_that_is_down_is_an_error_after_the_time_for_connecting(loop) -> None:
    url = f"ws://127.0.0.1:{free_port()}"
    with pytest.raises(ServerError, match=rf"there is no server at {url} \(Connection refused\): start it"):
        loop.run(open_connection(Server(url, connect_s=0.3)))


def test_a_server_that_comes_up_in_time_is_found(loop) -> None:
    port = free_port()
    found = []
    thread = threading.Thread(
        target=lambda: found.append(loop.run(loop.connect(Server(f"ws://127.0.0.1:{port}", connect_s=30.0))))
    )
    thread.start()
    time.sleep(0.3)
    with serve_policy(port=port):
        thread.join(30.0)
        assert len(found) == 1


def test_a_server_that_says_nothing_is_an_error_in_time(loop) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(ServerError, match=r"made a connection within 0.3 s"):
            loop.run(open_connection(Server(f"ws://127.0.0.1:{listener.getsockname()[1]}", connect_s=0.3)))


def test_metadata_that_never_come_are_an_error_in_time(loop) -> None:
    with (
        serve_openpi(None, raw=lambda connection: time.sleep(2.0)) as url,
        pytest.raises(ServerError, match=r"within 0.5 s"),
    ):
        loop.run(open_connection(Server(url, connect_s=0.5)))


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (b"\xc1", "isn't a policy server: the message isn't MessagePack"),
        (b"garbage", "isn't a policy server"),
        (pack_message([1, 2]), "isn't a policy server: its first message isn't a map of metadata"),
        (pack_message({"mobile_vla": 3}), "isn't a policy server: it is a server of another version"),
        ("the model isn't loaded", "refuses: the model isn't loaded"),
    ],
)
def test_first_messages_that_are_not_metadata_are_refused(loop, first, message) -> None:
    with (
        serve_openpi(None, raw=lambda connection: connection.send(first)) as url,
        pytest.raises(ServerError, match=message),
    ):
        loop.run(open_connection(Server(url)))


def test_a_server_that_hangs_up_is_refused(loop) -> None:
    with (
        serve_openpi(None, raw=lambda connection: connection.close(1013, "busy")) as url,
        pytest.raises(ServerError, match=r"closed the connection \(1013 busy\)"),
    ):
        loop.run(open_connection(Server(url)))


@pytest.fixture
def web_server():
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.end_headers()
            self.wfile.write(b"a page")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_server_that_speaks_another_protocol_is_named_as_one(loop, web_server) -> None:
    with pytest.raises(ServerError, match=r"HTTP 200|doesn't speak WebSocket"):
        loop.run(open_connection(Server(web_server)))
    with pytest.raises(ServerError, match=r"vLLM-Omni's path is|doesn't speak WebSocket"):
        loop.run(open_connection(Server(f"{web_server}/other")))


def test_a_raw_socket_that_answers_garbage_is_named_as_one(loop) -> None:
    def answer() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ServerError, match="doesn't speak WebSocket"):
            loop.run(open_connection(Server(f"ws://127.0.0.1:{listener.getsockname()[1]}")))


def test_a_token_is_sent_and_its_refusal_told(loop) -> None:
    with serve_policy(token="secret") as url:
        loop.run(loop.connect(Server(url, "secret")))
        with pytest.raises(ServerError, match="refuses this token and says: send the server's token"):
            loop.run(open_connection(Server(url, "other")))
        with pytest.raises(ServerError, match="refuses to answer without a token"):
            loop.run(open_connection(Server(url)))


def test_a_loop_that_nobody_needs_closes_its_connections_and_ends_its_thread() -> None:
    with serve_policy() as url:
        before = threading.active_count()
        loop = EventLoop()
        loop.run(loop.connect(Server(url)))
        assert threading.active_count() > before
        del loop
        gc.collect()
        for _ in range(100):
            if threading.active_count() <= before:
                break
            time.sleep(0.05)
        assert threading.active_count() <= before
