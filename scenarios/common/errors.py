"""The exception for bad input, which every package raises."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

LONGEST_LINE = 2000  # characters of an error; in a longer one stands a value of a damaged or hostile file
_TOO_LONG = re.compile(rf"[^\n]{{{LONGEST_LINE + 1},}}")


class InputError(ValueError):
    """Bad input: one sentence that names the value, its place, and the allowed values.

    Command lines print the sentence alone and exit with code 2. A line of thousands of characters, with some value of a
    file in it, is shortened in its middle.
    """

    def __init__(self, message: object = "") -> None:
        half = LONGEST_LINE // 2
        super().__init__(_TOO_LONG.sub(lambda line: f"{line[0][:half]} … {line[0][-half:]}", str(message)))


@contextmanager
def damage_as_input_error(what: str, cure: str) -> Iterator[None]:
    """Report whatever reading a file from elsewhere raises as one sentence, since a damaged one can break any line.

    Args:
        what: What is read, with its path.
        cure: What would be right.

    Raises:
        InputError: Something was raised.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # libraries raise anything, tokenizers even a plain Exception
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__
        raise InputError(f"{what} can't be read ({reason}); {cure}") from error


def unknown_name(what: str, name: str, allowed: Iterable[str]) -> InputError:
    """Return the error for an unknown name, with the nearest match.

    Args:
        what: The kind of name, e.g. ``"scenario"``.
        name: The unknown name.
        allowed: Every valid name.
    """
    names = sorted(allowed)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return InputError(f"unknown {what} '{name}': {hint}known are {', '.join(names)}")
