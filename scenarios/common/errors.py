"""The exception for bad input, which every package raises."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator


class InputError(ValueError):
    """Bad input: one sentence that names the value, its place, and the allowed values.

    Command lines print the sentence alone and exit with code 2.
    """


@contextlib.contextmanager
def reading_foreign_data(what: str, remedy: str = "") -> Iterator[None]:
    """Turn whatever a parser raises in this context into bad input: damaged files make parsers raise anything.

    Args:
        what: What is read, e.g. "checkpoint runs/best".
        remedy: What to do then, if that can be said.

    Raises:
        InputError: What is read is damaged.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        lines = str(error.strerror or error if isinstance(error, OSError) else error).split("\n")
        reason = " ".join(lines[0].split())[:300] or type(error).__name__
        raise InputError(f"{what} can't be read: {reason}{remedy and f'; {remedy}'}") from error


def unknown_name(what: str, name: str, allowed: Iterable[str]) -> InputError:
    """Return the error for an unknown name, with the nearest match.

    Args:
        what: The kind of name, e.g. ``"scenario"``.
        name: The unknown name.
        allowed: Every valid name.
    """
    names = sorted(allowed)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return InputError(f"unknown {what} '{name}': {hint}known are {', '.join(names)}")
