"""Laws of the consoles."""

from __future__ import annotations

import io

from rich.console import Console

from sim.console.console import PLAIN_WIDTH, print_plain_line, standard_console


def test_without_a_terminal_text_is_plain_and_of_one_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout", io.StringIO())
    console = standard_console()
    assert (console.width, console.no_color) == (PLAIN_WIDTH, True)


def test_a_terminal_keeps_its_own_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert standard_console().width == 60


def test_a_plain_line_is_neither_wrapped_nor_read_as_markup():
    stream = io.StringIO()
    line = "[bold]policy[/bold] 0.5 " + "x" * 100
    print_plain_line(Console(file=stream, width=40, force_terminal=True), line)
    assert stream.getvalue() == line + "\n"
