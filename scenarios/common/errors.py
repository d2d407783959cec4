"""The exception for bad input, which every package raises."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input: one sentence that names the value, its place, and the allowed values.

    Command lines print the sentence alone and exit with code 2.
    """


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
