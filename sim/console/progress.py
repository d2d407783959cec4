"""Progress of a run on stderr: a bar on a terminal, elsewhere a line from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable

import rich.progress
from rich.console import Console

from sim.results.row import EpisodeRow

LINE_INTERVAL_S = 60.0  # between lines where there is no terminal


class ProgressBar:
    """Counts episodes and shows the success so far.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = Console(stderr=True)
        self._clock = clock
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("episodes"),
            rich.progress.BarColumn(complete_style="default", finished_style="default"),
            rich.progress.TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TextColumn("{task.fields[success]}"),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._driven = self._successes = self._done = self._total = 0
        self._began = self._told = clock()
        self._task: rich.progress.TaskID | None = None

    def start(self, *, total: int, done: int) -> None:
        """Show the bar.

        Args:
            total: Number of episodes of the run.
            done: Number of episodes that were finished before, in a resumed run.
        """
        self._total, self._done = total, done
        self._began = self._told = self._clock()
        self._task = self._bar.add_task("episodes", total=total, completed=done, success="")
        self._bar.start()

    def advance(self, row: EpisodeRow) -> None:
        """Count one more finished episode."""
        self._driven += 1
        self._successes += row.success
        if self._task is not None:
            self._bar.update(self._task, advance=1, success=self._success)
        now = self._clock()
        if not self._console.is_terminal and now - self._told >= LINE_INTERVAL_S:
            self._told = now
            minutes = (now - self._began) / 60.0
            self.print_line(f"{self._done + self._driven}/{self._total} episodes, {self._success}, {minutes:.0f} min")

    @property
    def _success(self) -> str:
        return f"{self._successes}/{self._driven} succeeded"

    def print_line(self, text: str) -> None:
        """Print a permanent line above the bar."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()


class EpisodeListener:
    """Passes each row to a function as its episode ends, and shows nothing.

    Args:
        on_row: The function.
    """

    def __init__(self, on_row: Callable[[EpisodeRow], object] = lambda row: None) -> None:
        self._on_row = on_row

    def start(self, *, total: int, done: int) -> None:
        """Do nothing."""

    def advance(self, row: EpisodeRow) -> None:
        """Pass the row on."""
        self._on_row(row)

    def print_line(self, text: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
