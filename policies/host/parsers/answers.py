"""What runs in a process that parses a file from elsewhere: limits of memory, and answers to its parent."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from policies.host.standalone.messages import receive_message, send_message
from scenarios.common.errors import InputError, damage_as_input_error

BAD_INPUT = "bad_input"
LARGEST_MEMORY = 4 * 2**30  # bytes of address space, beside what the imported parsers take


def limit_memory() -> None:
    """Limit the address space of this process from now on, and write no memory images."""
    limit = _count_address_space() + LARGEST_MEMORY
    for kind, wanted in ((resource.RLIMIT_AS, limit), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(OSError, ValueError):  # macOS doesn't limit the address space
            resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _count_address_space() -> int:
    """Count the bytes of address space that this process has; 0 where that can't be told."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return 0
    return int(statistics.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def serve_answers(link: socket.socket, what: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer the parent's requests until it is gone; whatever an answer raises is one sentence to it.

    Args:
        link: Connection to the parent.
        what: What is parsed, with its path, for errors.
        answer: Answers a request.
    """
    with contextlib.suppress(EOFError, OSError):
        while True:
            request = receive_message(link)
            send_message(link, _answer_safely(what, answer, request))


def _answer_safely(
    what: str, answer: Callable[[dict[str, Any]], dict[str, Any]], request: dict[str, Any]
) -> dict[str, Any]:
    try:
        with damage_as_input_error(what, "it is damaged, or was edited by hand"):
            return answer(request)
    except InputError as error:
        if _is_out_of_memory(error):
            return {BAD_INPUT: f"{what} can't be read in {LARGEST_MEMORY / 2**30:g} GiB of memory; it is damaged"}
        return {BAD_INPUT: str(error)}


def _is_out_of_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return True
        error = error.__cause__
    return False
