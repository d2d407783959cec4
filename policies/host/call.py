"""A request to a host, and how long its answer is waited for."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from policies.host.process import START_S
from policies.host.standalone.messages import encode_message, receive_message

WAITING_S = 1.0  # between two signs of life
MOST_LOADS = 256  # times that a policy is loaded while a request waits


class HostCall:
    """A request to a host. It has its time from the moment when the host begins with it.

    Until then others may be answered first, each of which has this time, too. A host that doesn't begin after that is
    stopped, or does something else.

    Attributes:
        began: Whether the host began with it.

    Args:
        link: The connection.
        limit_s: Time for the policy.
        count_users: Says how many ask the host.
        on_wait: Called every second.
    """

    def __init__(
        self, link: socket.socket, limit_s: float, count_users: Callable[[], int], on_wait: Callable[[], None]
    ) -> None:
        self._link, self._limit_s, self._count_users, self._on_wait = link, limit_s, count_users, on_wait
        self.began = False
        self._start = time.monotonic()
        self._deadline = self._start + limit_s
        self._loads = 0

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send the request and return the answer.

        Raises:
            TimeoutError: It doesn't come in time.
            EOFError: The host is gone.
            OSError: So it is.
            ValueError: What comes is no answer.
        """
        data = memoryview(encode_message(request))
        while data:
            self._wait(select.POLLOUT)
            data = data[self._link.send(data, socket.MSG_DONTWAIT) :]
        while True:
            self._wait(select.POLLIN)
            self._link.settimeout(max(self._deadline - time.monotonic(), WAITING_S))
            answer = receive_message(self._link)
            self._link.settimeout(None)
            if "began" in answer:
                self._begin()
            elif "loads" in answer:
                self._allow_load()
            else:
                return answer

    def _begin(self) -> None:
        if self.began:
            raise ValueError("it began twice")
        self.began = True
        self._deadline = time.monotonic() + self._limit_s

    def _allow_load(self) -> None:
        """Wait longer, as the host loads the policy once more for one of those who ask it."""
        self._loads += 1
        if self._loads > MOST_LOADS:
            raise ValueError("it loads the policy again and again")
        self._deadline = time.monotonic() + START_S

    def _wait(self, event: int) -> None:
        """Wait until the host can be sent something, or has sent something."""
        poll = select.poll()
        poll.register(self._link, event)
        while not poll.poll(1e3 * min(WAITING_S, max(self._deadline - time.monotonic(), 1e-3))):
            self._on_wait()
            if time.monotonic() > self._deadline and not self._is_queued():
                raise TimeoutError

    def _is_queued(self) -> bool:
        """Whether those who may be answered first can still need this long."""
        if not self.began and not self._loads:
            self._deadline = self._start + self._limit_s * self._count_users()
        return time.monotonic() <= self._deadline
