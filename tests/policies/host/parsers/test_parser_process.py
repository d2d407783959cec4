"""A parser in a process of its own: whatever it does there is an answer or one sentence."""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path

import pytest

from policies.host.parsers.parser_process import ParserProcess
from scenarios.common.errors import InputError

PARSER = """
import os, signal, time
import numpy as np
from policies.host.parsers.answers import limit_memory, serve_answers
from scenarios.common.errors import InputError

def answer(request):
    match request.get("do"):
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "abort":
            os.abort()
        case "leave":
            raise SystemExit(0)
        case "hang":
            time.sleep(600)
        case "eat":
            eaten = []
            while True:
                eaten.append(np.empty(2**28, np.uint8))
        case "raise":
            raise KeyError("nothing\\nhere")
        case "refuse":
            raise InputError("the file is empty")
    return {"pid": os.getpid()}

def main(link, options):
    limit_memory()
    serve_answers(link, options["what"], answer)
"""


@pytest.fixture
def parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ParserProcess:
    (tmp_path / "own_parser.py").write_text(PARSER)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return ParserProcess("own_parser", "the file x", {"what": "the file x"})


def test_it_answers_in_another_process(parser: ParserProcess) -> None:
    first = parser.receive_first()["pid"]
    assert first == parser.ask({})["pid"] != os.getpid()


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        ("crash", "the file x can't be read: it ended the process that reads it (killed by SIGSEGV"),
        ("abort", "the file x can't be read: it ended the process that reads it (killed by SIGABRT"),
        ("leave", "the file x can't be read: it ended the process that reads it (exit code"),
        ("hang", "the file x can't be read: no answer within 0.3 s"),
    ],
)
def test_a_parser_that_dies_or_hangs_is_one_sentence(parser: ParserProcess, does: str, sentence: str) -> None:
    parser.receive_first()
    with pytest.raises(InputError) as raised:
        parser.ask({"do": does}, 0.3 if does == "hang" else 60.0)
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value)
    assert not parser.is_running


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        ("eat", "the file x can't be read in 4 GiB of memory; it is damaged"),
        ("raise", "the file x can't be read (KeyError: 'nothing\\nhere'); it is damaged, or was edited by hand"),
        ("refuse", "the file is empty"),
    ],
)
def test_an_error_is_one_sentence_and_the_parser_goes_on(parser: ParserProcess, does: str, sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        parser.ask({"do": does})
    assert str(raised.value) == sentence
    assert parser.ask({})["pid"]


def test_it_ends_with_the_last_that_has_it(parser: ParserProcess) -> None:
    other = ParserProcess("own_parser", "y", {"what": "y"})
    pid = other.receive_first()["pid"]
    del other
    gc.collect()
    deadline = time.monotonic() + 60.0
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()


def test_a_module_that_cannot_be_imported_is_told() -> None:
    with pytest.raises(InputError, match=r"it ended the process that reads it \(exit code 1: ModuleNotFoundError"):
        ParserProcess("no_such_parser", "the file x", {}).receive_first()
