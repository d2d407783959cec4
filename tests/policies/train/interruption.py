"""Interrupts a run in the middle, as Ctrl-C would."""

from __future__ import annotations

import io

from rich.console import Console


class StopError(Exception):
    """The interruption."""


class StoppingConsole(Console):
    """Interrupts a run where it prints a line that contains a text: by then, all that a resume needs is saved."""

    def __init__(self, text: str) -> None:
        super().__init__(file=io.StringIO())
        self.text = text

    def print(self, *args: object, **kwargs: object) -> None:
        if args and self.text in str(args[0]):
            raise StopError
