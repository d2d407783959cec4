"""Console output and logs of a training run: progress bar, a line and a CSV row per epoch, the time of each stage."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from policies.train.loop.training_run import TrainingRun
from scenarios.robot import AXIS_NAMES

STAGES = "stages.csv"


class EpochLog:
    """``training.csv``, with one row per epoch; a resumed run first deletes the rows that it will repeat."""

    HEADER = ("epoch", "loss", "mae", *(f"mae_{axis}" for axis in AXIS_NAMES), "seconds", "frames_per_s")

    def __init__(self, path: Path, keep: int) -> None:
        self.path = path
        old = path.read_text().splitlines()[1 : keep + 1] if keep and path.is_file() else []
        path.write_text("\n".join([",".join(self.HEADER), *old]) + "\n")

    def add_epoch(self, epoch: int, loss: float, error: Sequence[float], seconds: float, speed: float) -> None:
        """Append the row of an epoch; ``error`` is the validation MAE of each axis, or empty."""
        mae = [f"{value:.5f}" for value in (float(np.mean(error)), *error)] if error else [""] * (1 + len(AXIS_NAMES))
        _append(self.path, [str(epoch), f"{loss:.5f}", *mae, f"{seconds:.1f}", f"{speed:.0f}"])


def format_epoch(epoch: int, epochs: int, loss: float, error: Sequence[float], speed: float) -> str:
    """Format the loss, validation MAE and speed of an epoch as one line."""
    return f"epoch {epoch}/{epochs}: loss {loss:.4f}, {_mae(error)}, {speed:.0f} frames/s"


def _mae(error: Sequence[float]) -> str:
    if not error:
        return "no validation MAE"
    axes = ", ".join(f"{axis} {value:.4f}" for axis, value in zip(AXIS_NAMES, error, strict=False))
    return f"validation MAE {np.mean(error):.4f} ({axes})"


@contextmanager
def show_progress(
    console: Console, label: str, total: int, error: Sequence[float]
) -> Iterator[Callable[[float], None]]:
    """Show a progress bar with the loss and the last validation MAE, if the console is a terminal.

    Yields:
        A function to call after each step, with the loss to show.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}, validation MAE {task.fields[mae]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task(label, total=total, loss="-", mae=f"{np.mean(error):.4f}" if error else "-")
        yield lambda loss: bar.update(shown, advance=1, loss=f"{loss:.4f}")


@contextmanager
def log_stage(name: str, run: TrainingRun) -> Iterator[None]:
    """Time a stage; once it is complete, print a line and append a row (stage, seconds) to ``stages.csv``."""
    begun = time.monotonic()
    yield
    seconds = time.monotonic() - begun
    path = run.work / STAGES
    if not path.is_file():
        _append(path, ["stage", "seconds"])
    _append(path, [name, f"{seconds:.1f}"])
    run.console.print(f"{name}: {seconds / 60.0:.1f} min")


def _append(path: Path, row: list[str]) -> None:
    with open(path, "a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)
