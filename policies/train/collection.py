"""Interface to the collector that records demonstrations for training, found by its entry point.

Policies don't depend on a simulation. The installed distribution names a collector in its metadata, as an entry point;
tests and other programs pass their own.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

from policies.train.loop.training_run import TrainingRun
from scenarios.common.errors import InputError
from scenarios.common.requirements import CURES
from scenarios.perturbations.varied_looks import name_scenario

ENTRY_POINT_GROUP, ENTRY_POINT = "mobile_vla_sim.collectors", "default"
REINSTALL = "reinstall this project with 'pip install -e .' in its folder"


@dataclass(frozen=True)
class FamilyCollection:
    """Specification of a data set to record of one scenario family, labelled by the expert."""

    driver: str
    """The policy that drives: 'expert', or a checkpoint folder."""
    family: str
    suite_seed: int
    episodes: int
    """Number of episodes to drive."""
    caption_every: int = 0
    """Frames between captions; 0: no captions."""

    @property
    def name(self) -> str:
        """Name of the data set's folder."""
        return f"{self.family}-{self.suite_seed}-{self.episodes}-{Path(self.driver).name}"


@dataclass(frozen=True)
class TeleopCollection:
    """Specification of a data set of the published kind to record: 72 drives by key presses."""

    suite_seed: int

    @property
    def name(self) -> str:
        """Name of the data set's folder."""
        return f"teleop-{self.suite_seed}"


@dataclass(frozen=True)
class ViewCollection:
    """Specification of labelled views to record of one scenario family, from poses anywhere in its worlds."""

    family: str
    suite_seed: int
    worlds: int
    poses: int
    """In each world."""
    varied: bool = False
    """Whether textures, light and camera pose vary from world to world."""

    @property
    def name(self) -> str:
        """Name of the data set's folder."""
        looks = "-varied" if self.varied else ""
        return f"{self.family}{looks}-{self.suite_seed}-views-{self.worlds}x{self.poses}"

    @property
    def scenario(self) -> str:
        """The scenario to record."""
        return name_scenario(self.family) if self.varied else self.family


CollectionSpec = FamilyCollection | TeleopCollection | ViewCollection


class Collector(Protocol):
    """A callable that records data sets."""

    def __call__(self, spec: CollectionSpec, out: Path, workers: int) -> None:
        """Record a data set into the new folder ``out`` with some worker processes; may leave a log beside the folder.

        Raises:
            InputError: The recording failed.
        """


@dataclass(frozen=True)
class RecipeRun(TrainingRun):
    """A training run that records missing demonstrations."""

    collect: Collector
    workers: int = 2
    """Number of processes that record."""


def find_collector() -> Collector:
    """Load the collector that the installed distribution names.

    Raises:
        InputError: No installed distribution names a collector, or it can't be loaded.
    """
    for found in entry_points(group=ENTRY_POINT_GROUP, name=ENTRY_POINT):
        return _load_collector(found)
    raise InputError(
        f"no collector of demonstrations is installed (entry point '{ENTRY_POINT}' in '{ENTRY_POINT_GROUP}'): "
        f"{REINSTALL}"
    )


def _load_collector(entry_point: EntryPoint) -> Collector:
    try:
        collector = entry_point.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name in CURES:
            raise  # the entry point is fine, a package that it needs isn't installed: command lines name the cure
        raise _broken_entry_point(entry_point, " ".join(str(error).split())) from error
    if not callable(collector):
        raise _broken_entry_point(entry_point, "it is not a function")
    found: Collector = collector
    return found


def _broken_entry_point(entry_point: EntryPoint, reason: str) -> InputError:
    return InputError(
        f"cannot load the collector of demonstrations '{entry_point.value}' (entry point '{entry_point.name}' in "
        f"'{entry_point.group}'): {reason}; {REINSTALL}"
    )


def collect_dataset(spec: CollectionSpec, run: RecipeRun) -> Path:
    """Return the folder of a data set in ``run.work``; record the data set first if it does not exist.

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
