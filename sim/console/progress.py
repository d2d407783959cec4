"""Progress bar on stderr, shown only on a terminal."""

from __future__ import annotations

import rich.progress
from rich.console import Console

from sim.results.row import EpisodeRow


class ProgressBar:
    """Progress bar that counts episodes and shows the success so far.

    Args:
        total: Number of episodes of the run.
        done: Number of episodes that were finished before, in a resumed run.
    """

    def __init__(self, *, total: int, done: int) -> None:
        self._console = Console(stderr=True)
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("episodes"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TextColumn("{task.fields[success]}"),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("episodes", total=total, completed=done, success="")
        self._driven = self._successes = 0
        self._bar.start()

    def advance(self, row: EpisodeRow) -> None:
        """Count one more finished episode."""
        self._driven += 1
        self._successes += row.success
        self._bar.update(self._task, advance=1, success=f"{self._successes}/{self._driven} succeeded")

    def print_line(self, text: str) -> None:
        """Print a permanent line above the bar."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()
