"""What training asks of whoever records its demonstrations, and how the recorder is found.

Policies know nothing of a simulation. The installed distribution names a collector in its metadata, as an entry point;
tests and other programs hand one in.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from policies.train.loop.training_run import TrainingRun
from scenarios.common.errors import InputError

ENTRY_POINT_GROUP, ENTRY_POINT = "mobile_vla_sim.collectors", "default"


@dataclass(frozen=True)
class FamilyCollection:
    """A data set of one scenario family to record, labelled by the expert."""

    driver: str
    """Who drives: 'expert', or a checkpoint's folder."""
    family: str
    suite_seed: int
    episodes: int
    """How many are driven."""
    caption_every: int = 0
    """Frames from caption to caption; 0: no captions."""

    @property
    def name(self) -> str:
        """Name of the data set's folder."""
        return f"{self.family}-{self.suite_seed}-{self.episodes}-{Path(self.driver).name}"


@dataclass(frozen=True)
class TeleopCollection:
    """A data set of the published kind to record: 72 drives by key presses."""

    suite_seed: int

    @property
    def name(self) -> str:
        """Name of the data set's folder."""
        return f"teleop-{self.suite_seed}"


CollectionSpec = FamilyCollection | TeleopCollection


class Collector(Protocol):
    """Records data sets."""

    def __call__(self, spec: CollectionSpec, out: Path, workers: int) -> None:
        """Record a data set into the new folder ``out``, by some processes; a log may be left beside the folder.

        Raises:
            InputError: The recording failed.
        """


@dataclass(frozen=True)
class RecipeRun(TrainingRun):
    """A training run that records the demonstrations that it lacks."""

    collect: Collector
    workers: int = 2
    """Processes that record."""


def find_collector() -> Collector:
    """Load the collector that the installed distribution names.

    Raises:
        InputError: It names none.
    """
    for found in entry_points(group=ENTRY_POINT_GROUP, name=ENTRY_POINT):
        collector: Collector = found.load()
        return collector
    raise InputError(
        f"nothing that records demonstrations is installed (no entry point '{ENTRY_POINT}' in '{ENTRY_POINT_GROUP}'): "
        "install this project again, in its folder with 'pip install -e .'"
    )


def collect_dataset(spec: CollectionSpec, run: RecipeRun) -> Path:
    """Return the folder of a data set in ``run.work``, recorded first if it isn't there.

    Raises:
        InputError: The recording failed.
    """
    folder = run.work / "data" / spec.name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    run.console.print(f"recording {folder.name}")
    run.collect(spec, partial, run.workers)
    partial.rename(folder)
    return folder
