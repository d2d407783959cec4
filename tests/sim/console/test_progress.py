"""Laws of the progress bar."""

from __future__ import annotations

import pytest
from rows import make_row

from sim.console.progress import EpisodeListener, ProgressBar

STATUSES = ("success", "collision", "success")


def run_bar(*, total: int, done: int) -> None:
    bar = ProgressBar()
    bar.start(total=total, done=done)
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


def test_without_a_terminal_a_line_is_printed_a_minute_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 0.0, 30.0, 61.0, 62.0, 90.0, 125.0])
    bar = ProgressBar(clock=lambda: next(times))
    bar.start(total=9, done=4)
    for number in range(5):
        bar.advance(make_row("good", number, "success" if number else "stuck"))
    bar.close()
    assert capsys.readouterr().err.splitlines() == [
        "6/9 episodes, 1/2 succeeded, 1 min",
        "9/9 episodes, 4/5 succeeded, 2 min",
    ]


def test_a_listener_passes_each_row_on_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[object] = []
    listener = EpisodeListener(rows.append)
    listener.start(total=1, done=0)
    listener.advance(make_row("good", 0, "success"))
    listener.print_line("a job failed")
    listener.close()
    assert rows == [make_row("good", 0, "success")]
    assert capsys.readouterr() == ("", "")
