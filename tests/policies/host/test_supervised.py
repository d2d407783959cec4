"""A supervised process: how it ended is told, and nothing of it is left."""

from __future__ import annotations

import sys

import pytest

from policies.host.host import receive_message, send_message
from policies.host.supervised import SupervisedProcess
from scenarios.common.errors import InputError

MODULE = """
import os, socket, sys
def main(link, message):
    from policies.host.host import send_message
    send_message(link, {"pid": os.getpid(), "said": message["word"]})
    link.recv(1)
    print("goodbye", file=sys.stderr)
    os._exit(6)
"""


@pytest.fixture
def process(tmp_path):
    (tmp_path / "own_module.py").write_text(MODULE)
    made = SupervisedProcess()
    send_message(made.link, {"run": "own_module", "path": [str(tmp_path), *sys.path], "word": "hello"})
    yield made
    made.close()


def test_it_runs_a_module_of_this_project_and_tells_how_it_ended(process) -> None:
    assert receive_message(process.link)["said"] == "hello"
    assert process.is_running
    process.link.sendall(b"x")
    assert process.describe_end() == "exit code 6: goodbye"
    assert not process.is_running


def test_closing_it_ends_it_and_may_be_repeated(process) -> None:
    receive_message(process.link)
    process.close()
    process.close()
    assert not process.is_running
    assert process.describe_end() == "it was ended"


def test_a_python_that_cannot_be_run_is_bad_input() -> None:
    with pytest.raises(InputError, match="'nowhere/python' can't be run"):
        SupervisedProcess("nowhere/python")
