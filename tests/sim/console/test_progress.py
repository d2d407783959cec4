"""Laws of the progress bar."""

from __future__ import annotations

import pytest
from rows import make_row

from sim.console.progress import ProgressBar

STATUSES = ("success", "collision", "success")


def run_bar(*, total: int, done: int) -> None:
    bar = ProgressBar(total=total, done=done)
    for number, status in enumerate(STATUSES):
        bar.advance(make_row("good", number, status))
    bar.print_line("[note] an episode failed")
    bar.close()


@pytest.fixture(autouse=True)
def console_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_terminal_only_the_lines_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    run_bar(total=9, done=4)
    assert capsys.readouterr().err == "[note] an episode failed\n"


def test_on_a_terminal_earlier_episodes_count_as_done_but_not_as_driven(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    run_bar(total=9, done=4)
    text = capsys.readouterr().err
    assert "7/9" in text
    assert "2/3 succeeded" in text
    assert "[note] an episode failed\n" in text
