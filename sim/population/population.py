"""A population of trained units: success of each in driven episodes, and offline metrics of each on recorded ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from scenarios.common.errors import InputError, unknown_name
from sim.results.plan import UNPERTURBED
from sim.statistics.ranking import Direction

MAE = "mae"
"""The metric that policies are usually ranked by, and that others are compared with."""


class EpisodeValues(NamedTuple):
    """A value of each episode of one cell."""

    numbers: np.ndarray
    """(n,) int64 numbers of the episodes, ascending and unique."""
    values: np.ndarray
    """(n,) float64; a success is 1, a failure 0; NaN where a metric isn't defined in an episode."""

    def select(self, numbers: np.ndarray) -> np.ndarray:
        """Return the values (m,) of some episodes, by ascending number (m,); NaN where an episode isn't here."""
        if np.array_equal(self.numbers, numbers):  # nearly always, and much faster
            return self.values
        found = np.full(len(numbers), np.nan)
        here = np.isin(self.numbers, numbers)
        found[np.searchsorted(numbers, self.numbers[here])] = self.values[here]
        return found

    def mean(self) -> float:
        """Return the mean of the values that are defined; NaN if none is."""
        known = self.values[np.isfinite(self.values)]
        return float(known.mean()) if len(known) else float("nan")


def name_course(recipe: str, training_seed: int | None) -> str:
    """Return the name of a recipe with a training seed, if there is one."""
    return recipe if training_seed is None else f"{recipe}, seed {training_seed}"


@dataclass(frozen=True, eq=False)
class Unit:
    """One policy to judge metrics by: a trained network, a checkpoint along its training, or a degraded copy."""

    name: str
    """Its name, which no other unit has."""
    family: str
    """The system that it descends from: units of one family aren't independent, so they are resampled together."""
    recipe: str
    """What was trained and done to it, apart from seed and step: units of equal recipe and step are retrains of each
    other, units of equal recipe and seed are checkpoints of one training."""
    training_seed: int | None
    """Seed of its training; None if it wasn't trained."""
    training_step: int | None
    """Step of training that its weights come from; None if it wasn't trained, or if nothing but the end was kept."""
    successes: Mapping[tuple[str, str], EpisodeValues]
    """(scenario, perturbation) -> success of each driven episode; the perturbation is "none" without any."""
    metrics: Mapping[tuple[str, str], EpisodeValues]
    """(metric, scenario) -> its value on each recorded episode."""
    copy_of: str | None = None
    """Name of the training whose weights it has, changed or in another form; None if they are of its own training."""

    @property
    def course(self) -> str:
        """Name of its recipe with its seed: units of one course are its checkpoints."""
        return name_course(self.recipe, self.training_seed)

    @property
    def training(self) -> str:
        """Name of the training that its weights come from: its course, or that of which it is a copy."""
        return self.course if self.copy_of is None else self.copy_of


@dataclass(frozen=True, eq=False)
class Population:
    """Units, and the direction of each metric that any of them was scored with.

    It is kept in two Parquet tables, which ``sim.population.tables`` writes and reads. In both, ``episode`` is a number
    that means the same episode for all units.

    ``drives.parquet``, a row per unit, scenario, perturbation and episode:

    =============  ======  ==========================================================
    column         type    meaning
    =============  ======  ==========================================================
    unit           string  name of the unit
    family         string  system that it descends from
    recipe         string  what was trained and done to it, apart from seed and step
    training_seed  int64   null if it wasn't trained
    training_step  int64   null if it wasn't trained, or only the end was kept
    copy_of        string  training that it is a changed copy of, as "hybrid, seed 1000";
                           null if it isn't; the column may be missing
    scenario       string  name of the scenario
    perturbation   string  axes and levels, as "lighting=2"; "none" without any
    episode        int64   number of the driven episode
    success        bool    true if the episode succeeded
    =============  ======  ==========================================================

    ``metrics.parquet``, a row per unit, metric, scenario and recorded episode:

    =============  ======  ==========================================================
    column         type    meaning
    =============  ======  ==========================================================
    unit           string  name of the unit, which stands in the other table, too
    metric         string  name of the metric, as "mae"
    better         string  "smaller" or "larger": what promises more success
    scenario       string  scenario of the recorded episode
    episode        int64   number of the recorded episode
    value          double  null where the metric isn't defined in the episode
    =============  ======  ==========================================================
    """

    units: tuple[Unit, ...]
    """In a fixed order; names are unique."""
    better: Mapping[str, Direction]
    """Metric -> what promises more success."""

    def __post_init__(self) -> None:
        """Check that names are unique and directions known."""
        twice = [name for name, count in Counter(unit.name for unit in self.units).items() if count > 1]
        if twice:
            raise InputError(f"unit '{twice[0]}' appears twice: each needs a name of its own")
        for unit in self.units:
            for metric, _ in unit.metrics:
                self.direction(metric)

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Every scenario that any unit drove, in order of appearance."""
        return tuple(dict.fromkeys(scenario for unit in self.units for scenario, _ in unit.successes))

    @cached_property
    def perturbations(self) -> tuple[str, ...]:
        """Every perturbation under which any unit drove, without "none", in order of appearance."""
        found = dict.fromkeys(perturbation for unit in self.units for _, perturbation in unit.successes)
        return tuple(name for name in found if name != UNPERTURBED)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Every family, in order of appearance."""
        return tuple(dict.fromkeys(unit.family for unit in self.units))

    def select(self, names: Collection[str]) -> Population:
        """Return the units of some names alone, with all metrics."""
        return Population(tuple(unit for unit in self.units if unit.name in names), self.better)

    def direction(self, metric: str) -> Direction:
        """Return what promises more success: "smaller" or "larger" values of a metric.

        Raises:
            InputError: No unit was scored with such a metric.
        """
        if metric not in self.better:
            raise unknown_name("metric", metric, self.better)
        return self.better[metric]
