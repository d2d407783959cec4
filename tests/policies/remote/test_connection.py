from __future__ import annotations

import threading

import pytest

from policies.remote.connection import ConnectionLostError, LateAnswerError, Server, ServerError

from ..servers import pack_message, serve_openpi


def test_what_is_asked_is_answered_in_order(loop) -> None:
    with serve_openpi(lambda message: {"twice": 2 * message["n"]}) as url:
        connection = loop.run(loop.connect(Server(url)))
        assert [loop.run(connection.ask({"n": n}, 5.0))["twice"] for n in range(4)] == [0, 2, 4, 6]
        loop.run(connection.close())


def test_an_answer_that_came_too_late_is_passed_over(loop) -> None:
    gate = threading.Event()

    def infer(message):
        if message["n"] == 1:
            gate.wait(20.0)
        return message

    with serve_openpi(infer) as url:
        connection = loop.run(loop.connect(Server(url)))
        with pytest.raises(LateAnswerError, match=r"didn't answer within 0.1 s"):
            loop.run(connection.ask({"n": 1}, 0.1))
        gate.set()
        assert loop.run(connection.ask({"n": 2}, 5.0)) == {"n": 2}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("Traceback (most recent call last):\nKeyError: 'state'", "the server answered: KeyError: 'state'"),
        (b"\xc1", "answer can't be read"),
        (
            pack_message({"type": "error", "message": "Internal inference error"}),
            "the server answered: Internal inference error",
        ),
    ],
)
def test_an_error_of_the_server_is_told_in_one_line(loop, reply, message) -> None:
    with serve_openpi(lambda message: reply) as url:
        connection = loop.run(loop.connect(Server(url)))
        with pytest.raises(ServerError, match=message):
            loop.run(connection.ask({}, 5.0))


def test_a_connection_that_is_lost_is_told(loop) -> None:
    def hang_up(connection) -> None:
        connection.send(pack_message({}))
        connection.recv()
        connection.close(1011, "died")

    with serve_openpi(None, raw=hang_up) as url:
        connection = loop.run(loop.connect(Server(url)))
        with pytest.raises(ConnectionLostError, match=r"closed the connection \(1011 died\)"):
            loop.run(connection.ask({}, 5.0))
