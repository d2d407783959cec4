"""Parts of a population that metrics are judged on: all units, families, trainings, scenarios, perturbations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.agreement.comparison import MIN_UNITS, Comparison
from sim.population.population import EpisodeValues, Population, Unit
from sim.results.plan import UNPERTURBED

PartKind = Literal["all", "within families", "family", "along checkpoints", "checkpoints", "scenario", "perturbation"]
EpisodeChoice = Literal["all", "even", "odd"]
"""The episodes that count, driven and recorded ones, by number."""


@dataclass(frozen=True)
class Part:
    """A part of a population, and how its units are ranked.

    ============================  ==========================================  =======================
    kind                          units that are ranked against each other    resampled together
    ============================  ==========================================  =======================
    "all"                         all                                         families
    "scenario", "perturbation"    all, by success there                       families
    "within families"             those of one family; the mean over these    families
    "family"                      those of the named one                      trainings
    "along checkpoints"           those of one training; the mean over these  families
    "checkpoints"                 those of the named training                 checkpoints
    ============================  ==========================================  =======================
    """

    kind: PartKind
    """What kind of part."""
    name: str = ""
    """The family, training, scenario or perturbation; empty for a part of all."""

    def __str__(self) -> str:
        """Return the kind and the name."""
        return f"{self.kind} {self.name}".strip()

    @property
    def words(self) -> str:
        """Where policies are ranked, as a part of a sentence."""
        return _WORDS[self.kind].format(self.name)


_WORDS: dict[PartKind, str] = {
    "all": "over all policies",
    "within families": "within families",
    "family": "within {}",
    "along checkpoints": "along checkpoints",
    "checkpoints": "along the checkpoints of {}",
    "scenario": "in {}",
    "perturbation": "under {}",
}


def list_parts(population: Population) -> tuple[Part, ...]:
    """List every part of a population; families and trainings with too few units for a ranking are left out."""
    families = _list_large(population.units, lambda unit: unit.family)
    trainings = _list_large(population.units, lambda unit: unit.course)
    return (
        Part("all"),
        *([Part("within families")] if families else []),
        *(Part("family", name) for name in families),
        *([Part("along checkpoints")] if trainings else []),
        *(Part("checkpoints", name) for name in trainings),
        *(Part("scenario", name) for name in population.scenarios if len(population.scenarios) > 1),
        *(Part("perturbation", name) for name in population.perturbations),
    )


def _list_large(units: Sequence[Unit], key: Callable[[Unit], str]) -> list[str]:
    """The names of which there are enough units, in order of appearance."""
    return [name for name, count in Counter(map(key, units)).items() if count >= MIN_UNITS]


def compare_units(population: Population, metric: str, part: Part, episodes: EpisodeChoice = "all") -> Comparison:
    """Gather the units of a part with their success and a metric, turned so that larger is better.

    Units that lack episodes or the metric are left out, with the reason. The metric is that of recorded episodes
    without perturbation.

    Raises:
        InputError: No unit was scored with such a metric.
    """
    sign = 1.0 if population.direction(metric) == "larger" else -1.0
    return _compare(population, metric, part, episodes, sign)


def compare_drives(population: Population, part: Part, episodes: EpisodeChoice = "all") -> Comparison:
    """Gather the units of a part with their success alone; ``values`` is empty."""
    return _compare(population, None, part, episodes)


def _compare(
    population: Population, metric: str | None, part: Part, episodes: EpisodeChoice, sign: float = 1.0
) -> Comparison:
    units = [unit for unit in population.units if _is_in(unit, part)]
    perturbation = part.name if part.kind == "perturbation" else UNPERTURBED
    names = [part.name] if part.kind == "scenario" else population.scenarios
    driven = _list_episodes([unit.successes for unit in units], [(name, perturbation) for name in names], episodes)
    scored = [] if metric is None else [(metric, name) for name, _ in driven]
    recorded = _list_episodes([unit.metrics for unit in units], scored, episodes)
    left_out = {unit.name: reason for unit in units if (reason := _explain_missing(unit, metric, driven, recorded))}
    kept = [unit for unit in units if unit.name not in left_out]
    group, cluster, noun = _RELATIONS[part.kind]
    enough = set(_list_large(kept, group))
    left_out |= {
        unit.name: f"fewer than {MIN_UNITS} units in '{group(unit)}'" for unit in kept if group(unit) not in enough
    }
    kept = [unit for unit in kept if group(unit) in enough]
    return Comparison(
        names=tuple(unit.name for unit in kept),
        groups=np.array([group(unit) for unit in kept], np.str_),
        clusters=np.array([cluster(unit) for unit in kept], np.str_),
        noun=noun,
        successes=tuple(_stack([unit.successes[cell] for unit in kept], wanted) for cell, wanted in driven.items()),
        even=tuple(wanted % 2 == 0 for wanted in driven.values()),
        values=tuple(sign * _stack([unit.metrics[cell] for unit in kept], wanted) for cell, wanted in recorded.items()),
        left_out=left_out,
    )


def _whole(_: Unit) -> str:
    return "all"


_RELATIONS: dict[PartKind, tuple[Callable[[Unit], str], Callable[[Unit], str], str]] = {
    **dict.fromkeys(("all", "scenario", "perturbation"), (_whole, lambda unit: unit.family, "families")),
    "within families": (lambda unit: unit.family, lambda unit: unit.family, "families"),
    "family": (_whole, lambda unit: unit.training, "trainings"),
    "along checkpoints": (lambda unit: unit.course, lambda unit: unit.family, "families"),
    "checkpoints": (_whole, lambda unit: unit.name, "checkpoints"),
}


def _is_in(unit: Unit, part: Part) -> bool:
    if part.kind == "family":
        return unit.family == part.name
    return part.kind != "checkpoints" or unit.course == part.name


def _list_episodes(
    parts: Sequence[Mapping[tuple[str, str], EpisodeValues]], cells: Sequence[tuple[str, str]], episodes: EpisodeChoice
) -> dict[tuple[str, str], np.ndarray]:
    """The numbers of the episodes of each cell that most units have which have any; of those, the ones that count.

    So a unit that has more than the others doesn't put them out.
    """
    found = {}
    for cell in cells:
        numbers = [each[cell].numbers for each in parts if cell in each]
        every, counts = np.unique(np.concatenate([np.zeros(0, np.int64), *numbers]), return_counts=True)
        common = every[counts > len(numbers) / 2]
        every = common if len(common) else every
        wanted = every if episodes == "all" else every[every % 2 == (0 if episodes == "even" else 1)]
        if len(wanted):
            found[cell] = wanted
    return found


def _explain_missing(
    unit: Unit,
    metric: str | None,
    driven: Mapping[tuple[str, str], np.ndarray],
    recorded: Mapping[tuple[str, str], np.ndarray],
) -> str | None:
    """Why a unit can't be compared; None if it can."""
    if not driven:
        return "no episodes"
    for (scenario, perturbation), wanted in driven.items():
        have = unit.successes.get((scenario, perturbation))
        count = 0 if have is None else int(np.isfinite(have.select(wanted)).sum())
        if count < len(wanted):
            return f"{count} of {len(wanted)} episodes of {scenario} under {perturbation}"
    for cell, wanted in recorded.items():
        have = unit.metrics.get(cell)
        if have is None or not np.isfinite(have.select(wanted)).any():
            return f"no {metric} in {cell[1]}"
    if recorded or metric is None:
        return None
    return f"no {metric} of {' or '.join(dict.fromkeys(scenario for scenario, _ in driven))}, which was driven"


def _stack(columns: Sequence[EpisodeValues], wanted: np.ndarray) -> np.ndarray:
    """(episodes, n) the values of the wanted episodes; NaN where an episode isn't there."""
    return np.stack([column.select(wanted) for column in columns], axis=1) if columns else np.zeros((len(wanted), 0))
