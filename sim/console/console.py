"""The consoles that commands print to."""

from __future__ import annotations

from rich.console import Console

PLAIN_WIDTH = 140  # without a terminal: always the same, so that two logs can be compared


def standard_console() -> Console:
    """Return standard output; without a terminal, plain text of a fixed width."""
    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH, no_color=True, highlight=False)


def print_plain_line(console: Console, line: str) -> None:
    """Print a line as it is: not wrapped, not coloured, brackets included."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
