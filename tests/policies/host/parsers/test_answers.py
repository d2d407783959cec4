"""Answers of a parser's process: one to each request until the parent is gone, whatever is raised."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
from typing import Any

from policies.host.parsers.answers import BAD_INPUT, serve_answers
from policies.host.standalone.messages import receive_message, send_message

LIMITED = """
import resource
from policies.host.parsers.answers import LARGEST_MEMORY, limit_memory
limit_memory()
print(resource.getrlimit(resource.RLIMIT_AS)[0] > LARGEST_MEMORY, resource.getrlimit(resource.RLIMIT_CORE)[0])
try:
    bytearray(LARGEST_MEMORY)
except MemoryError:
    print("refused")
print(len(bytearray(2**20)))
"""


def divide(request: dict[str, Any]) -> dict[str, Any]:
    return {"half": request["number"] / request["by"]}


def test_each_request_is_answered_until_the_parent_is_gone() -> None:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=serve_answers, args=(theirs, "the file x", divide))
    thread.start()
    send_message(ours, {"number": 4, "by": 2})
    assert receive_message(ours) == {"half": 2.0}
    send_message(ours, {"number": 4, "by": 0})
    assert receive_message(ours)[BAD_INPUT].startswith("the file x can't be read (ZeroDivisionError: ")
    send_message(ours, {"number": 1, "by": 4})
    assert receive_message(ours) == {"half": 0.25}
    ours.close()
    thread.join(60.0)
    assert not thread.is_alive()


def test_memory_beyond_the_limit_is_refused_in_that_process_alone() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    said = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "0", "refused", str(2**20)]
    assert resource.getrlimit(resource.RLIMIT_AS) == before
