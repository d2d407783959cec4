"""Errors and texts of somebody's are one line."""

from __future__ import annotations

import pytest

from policies.host.standalone.failures import LONGEST_ERROR, describe_failure, escape_text


def test_an_error_is_one_line_with_its_place() -> None:
    def fail() -> None:
        raise KeyError("two\nlines")

    with pytest.raises(KeyError) as caught:
        fail()
    line = fail.__code__.co_firstlineno + 1
    assert describe_failure(caught.value) == f"KeyError: 'two\\nlines' (test_failures.py:{line})"


@pytest.mark.parametrize("text", ["\x1b[2J", "a\0b", "\u202e", "\x9b", "\ud800", "two\r\nlines\u2028", "\t é 語"])
def test_a_text_of_somebody_s_is_one_line_without_what_a_terminal_obeys(text: str) -> None:
    assert escape_text(text).isprintable()
    assert escape_text("é 語 a") == "é 語 a"


def test_an_error_that_fails_to_tell_anything_is_told_nevertheless() -> None:
    class Kind(type):
        @property
        def __name__(cls) -> str:
            raise RuntimeError

    class EvilError(Exception, metaclass=Kind):
        pass

    class MuteError(Exception):
        def __str__(self) -> str:
            raise SystemExit

    assert describe_failure(EvilError()) == "an error that can't be described"
    assert describe_failure(MuteError()) == "MuteError"
    assert len(describe_failure(ValueError("x" * 10**7))) == LONGEST_ERROR
