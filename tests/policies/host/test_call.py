"""How long an answer is waited for, whatever the host does: fake hosts at the other end of a connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from policies.host.call import HostCall
from policies.host.standalone.messages import LENGTH, receive_message, send_message

LIMIT_S = 0.3
REQUEST = {"endpoint": "act"}


@contextlib.contextmanager
def connect(behave: Callable[[socket.socket], object]) -> Iterator[socket.socket]:
    """A connection to a host that behaves so."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=behave, args=(theirs,), daemon=True)
        thread.start()
        yield ours
        ours.close()
        thread.join(10.0)


def call(link: socket.socket, users: int = 1, signs: list[int] | None = None, limit_s: float = LIMIT_S) -> HostCall:
    return HostCall(link, limit_s, lambda: users, lambda: None if signs is None else signs.append(1))


def send_in_turn(*messages: dict[str, object]) -> Callable[[socket.socket], None]:
    """A host that reads a request and sends these."""

    def behave(link: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            receive_message(link)
            for message in messages:
                send_message(link, message)

    return behave


def test_the_answer_comes_after_the_beginning() -> None:
    with connect(send_in_turn({"began": True}, {"actions": 1})) as link:
        made = call(link, limit_s=60.0)
        assert made.ask(REQUEST) == {"actions": 1}
        assert made.began
        assert link.gettimeout() is None


@pytest.mark.parametrize("users", [1, 3])
def test_a_host_that_never_begins_has_the_time_of_all_who_ask_it(users: int) -> None:
    counted: list[int] = []
    with connect(send_in_turn()) as link:
        made = HostCall(link, LIMIT_S, lambda: counted.append(1) or users, lambda: None)
        with pytest.raises(TimeoutError):
            made.ask(REQUEST)
        assert not made.began
    assert counted  # asked only where the time of one has passed


def test_a_host_that_begins_and_does_not_answer_has_its_time_once() -> None:
    with connect(send_in_turn({"began": True})) as link:
        made = call(link, users=1000)
        with pytest.raises(TimeoutError):
            made.ask(REQUEST)
        assert made.began


def test_a_host_that_does_not_read_can_not_keep_a_large_request_waiting() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        call(ours).ask({"observations": bytes(5_000_000)})


def test_signs_of_life_are_given_while_others_are_answered() -> None:
    signs: list[int] = []
    with connect(send_in_turn()) as link, pytest.raises(TimeoutError):
        call(link, users=2, signs=signs).ask(REQUEST)
    assert signs


def test_an_answer_byte_by_byte_does_not_extend_the_time() -> None:
    ended = threading.Event()

    def drip(link: socket.socket) -> None:
        with contextlib.suppress(OSError):
            link.sendall(LENGTH.pack(1_000_000))
            while not ended.wait(0.05):
                link.sendall(b"\0")

    with connect(drip) as link:
        with pytest.raises(TimeoutError):
            call(link).ask(REQUEST)
        ended.set()


def test_a_host_that_loads_the_policy_for_another_has_the_time_for_it() -> None:
    def behave(link: socket.socket) -> None:
        receive_message(link)
        send_message(link, {"loads": True})
        threading.Event().wait(1.5)
        send_message(link, {"began": True})
        send_message(link, {})

    with connect(behave) as link:
        assert call(link, users=100, limit_s=1.0).ask(REQUEST) == {}


@pytest.mark.parametrize("message", [{"began": True}, {"loads": True}])
def test_signs_without_end_are_no_answer(message: dict[str, object]) -> None:
    with connect(send_in_turn(*[message] * 1000)) as link, pytest.raises(ValueError, match=r"twice|again"):
        call(link, limit_s=60.0).ask(REQUEST)


def test_what_is_no_message_and_a_host_that_is_gone_are_errors() -> None:
    with connect(lambda link: link.sendall(b"\x00\x00\x00\x01\xc1")) as link, pytest.raises(ValueError):
        call(link, limit_s=60.0).ask(REQUEST)
    with connect(lambda link: link.close()) as link, pytest.raises((EOFError, OSError)):
        call(link, limit_s=60.0).ask(REQUEST)
