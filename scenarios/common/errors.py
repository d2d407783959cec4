"""The error of bad input, which every package raises."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input: one sentence that names the value, its place, and what is allowed.

    Command lines print the sentence alone and leave with exit code 2.
    """


def unknown_name(what: str, name: str, allowed: Iterable[str]) -> InputError:
    """Return the error for a name that isn't in a table, with its nearest match.

    Args:
        what: What the name stands for, e.g. ``"scenario"``.
        name: The name that was asked for.
        allowed: Every valid name.
    """
    names = sorted(allowed)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return InputError(f"unknown {what} '{name}': {hint}known are {', '.join(names)}")
