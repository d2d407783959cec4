"""What a training run tells: a progress bar, a sentence and a CSV row an epoch, and how long each stage took."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from scenarios.robot import AXIS_NAMES

STAGES = "stages.csv"


class EpochLog:
    """``training.csv``: a row an epoch; what a resumed run repeats is cut off first."""

    HEADER = ("epoch", "loss", "mae", *(f"mae_{axis}" for axis in AXIS_NAMES), "seconds", "frames_per_s")

    def __init__(self, path: Path, keep: int) -> None:
        self.path = path
        old = path.read_text().splitlines()[1 : keep + 1] if keep and path.is_file() else []
        path.write_text("\n".join([",".join(self.HEADER), *old]) + "\n")

    def add_epoch(self, epoch: int, loss: float, error: Sequence[float], seconds: float, speed: float) -> None:
        """Add an epoch; ``error`` is the validation MAE of each axis, or empty."""
        mae = [f"{value:.5f}" for value in (float(np.mean(error)), *error)] if error else [""] * (1 + len(AXIS_NAMES))
        _append(self.path, [str(epoch), f"{loss:.5f}", *mae, f"{seconds:.1f}", f"{speed:.0f}"])


def format_epoch(epoch: int, epochs: int, loss: float, error: Sequence[float], speed: float) -> str:
    """An epoch in words."""
    return f"epoch {epoch}/{epochs}: loss {loss:.4f}, {_mae(error)}, {speed:.0f} frames/s"


def _mae(error: Sequence[float]) -> str:
    if not error:
        return "no validation MAE"
    axes = ", ".join(f"{axis} {value:.4f}" for axis, value in zip(AXIS_NAMES, error, strict=False))
    return f"validation MAE {np.mean(error):.4f} ({axes})"


@contextmanager
def show_progress(console: Console, label: str, total: int, mae: str = "-") -> Iterator[tuple[Progress, TaskID]]:
    """A bar with the loss and the last validation MAE on it; nothing where there is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}, validation MAE {task.fields[mae]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar, bar.add_task(label, total=total, loss="-", mae=mae)


@contextmanager
def log_stage(name: str, work: Path, console: Console) -> Iterator[None]:
    """Time a stage: a line on the console and a row (stage, seconds) in ``work/stages.csv``, once it is complete."""
    begun = time.monotonic()
    yield
    seconds = time.monotonic() - begun
    path = work / STAGES
    if not path.is_file():
        _append(path, ["stage", "seconds"])
    _append(path, [name, f"{seconds:.1f}"])
    console.print(f"{name}: {seconds / 60.0:.1f} min")


def _append(path: Path, row: list[str]) -> None:
    with open(path, "a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)
