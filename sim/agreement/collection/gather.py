"""Gathers the two tables of a population, and its costs, from the runs and scores of its units.

What the tables hold already is kept, so a population can grow on machines that have nothing of it but its tables.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from policies.train.population.units.plan import plan_units
from policies.train.population.units.unit import PopulationUnit
from scenarios.common.errors import InputError
from sim.agreement.collection.drive import CPU
from sim.agreement.collection.unit_facts import UNITS, UnitFacts, list_units, remember_units
from sim.analysis.agreement import REFERENCE_POLICIES
from sim.claims.unit_results import SCORES, UnitResults, find_runs, find_score_files, find_unit, read_runs
from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.results_file import read_offline_results
from sim.offline.metrics.score import MetricScore
from sim.population.population import MAE, EpisodeValues, Population, Unit, name_course
from sim.population.tables import read_stored, write_population
from sim.results.codec import from_json, to_json
from sim.results.run_files import read_json, read_manifest, read_summary, write_json
from sim.statistics.ranking import Direction

COSTS = "costs.json"
OWN = "own"  # kind of a unit that no list of a population has
Scores = Mapping[tuple[str, str], MetricScore]
"""(metric, scenario) -> score."""


@dataclass(frozen=True)
class PopulationCosts:
    """What it took to drive and to score a unit: means over units that were measured in one folder."""

    metrics: Mapping[str, Cost] = field(default_factory=dict)
    """Metric -> what it took over all families, with the evidence that metrics share."""
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """Suite, or "metrics" for all of them -> CPU seconds of its command."""


def gather_tables(folder: Path) -> None:
    """Write both tables, the costs, and the list of units of a folder of results.

    Units of tables that lie there already stay, and what they have driven since joins. Runs that aren't complete are
    left out. Policies of one's own are families of their own until the list says otherwise; where nothing has scored
    them by the MAE, it is that of their runs.

    Raises:
        InputError: A run is of no unit of the population which the others are of, was driven with other weights than
            the unit has, or drove other episodes than the tables have of its suite.
    """
    runs = [path for path in find_runs(folder) if _is_complete(path)]
    results, scores, driven = read_runs(runs), _read_scores(folder), _read_driven(runs)
    stored = read_stored(folder)
    facts = {unit.name: unit for unit in list_units(folder)}
    facts = {**facts, **{unit.name: _describe_unit(unit) for unit in stored.units if unit.name not in facts}}
    own = [name for name, found in driven.items() if name not in facts and found.is_ranked]
    _check_strangers(own, {*results, *(unit.name for unit in stored.units)}, folder)
    facts |= {name: _describe_unit(Unit(name, name, name, None, None, {}, {})) for name in own}
    driven = {name: found for name, found in driven.items() if name in facts}
    known = {unit.name: unit for unit in stored.units}
    for name in (name for name, found in driven.items() if _is_trained_anew(facts[name], found)):
        facts[name] = replace(facts[name], weights_sha256=None, suites={}, episodes={})
        known.pop(name, None)
    _check_same_weights(facts, driven, folder)
    _check_same_conditions(facts.values(), driven, folder)
    _check_same_episodes(facts.values(), driven, folder)
    better: dict[str, Direction] = dict(stored.better)
    origins: dict[str, UnitFacts | PopulationUnit] = {unit.name: unit for unit in plan_units()}
    origins.update(facts)
    units = []
    for name, unit in facts.items():
        if name not in results and name not in known:
            continue
        if name in driven:
            weights = next(iter(driven[name].weights), unit.weights_sha256)
            episodes = {**unit.episodes, **driven[name].episodes} if unit.kind == OWN else {}
            facts[name] = replace(unit, weights_sha256=weights, suites=driven[name].suites, episodes=episodes)
        of_unit = scores.get(name, {})
        better |= {metric: score.better for (metric, _), score in of_unit.items()}
        original = _name_original(facts[name], origins)
        units.append(_make_unit(facts[name], original, results.get(name, UnitResults()), of_unit, known.get(name)))
    if any(metric == MAE for unit in units for metric, _ in unit.metrics):
        better.setdefault(MAE, "smaller")
    remember_units(folder, tuple(facts[unit.name] for unit in units))
    write_population(folder, Population(tuple(units), better))
    write_json(folder / COSTS, to_json(_measure_costs(folder, scores, stored.units, facts.values())))


def drop_changed_units(folder: Path, units: Sequence[UnitFacts]) -> None:
    """Drop the units from the tables in a folder that were driven and scored with other weights than they have now."""
    now = {unit.name: unit for unit in units}
    changed = {old.name for old in list_units(folder) if old.has_other_weights(now.get(old.name, old))}
    stored = read_stored(folder)
    kept = tuple(unit for unit in stored.units if unit.name not in changed)
    if len(kept) < len(stored.units):
        write_population(folder, replace(stored, units=kept))


def read_costs(folder: Path) -> PopulationCosts:
    """Read the costs of a folder of tables; empty where it has none."""
    file = folder / COSTS
    return from_json(PopulationCosts, read_json(file), f"'{file}'") if file.is_file() else PopulationCosts()


@dataclass
class _Driven:
    """What the runs of a unit tell of it."""

    weights: set[str] = field(default_factory=set)
    """Their hashes; none for a policy without weights."""
    suites: dict[str, str] = field(default_factory=dict)
    """Name -> hash of its conditions."""
    episodes: dict[str, str] = field(default_factory=dict)
    """Scenario -> which episodes of it."""
    is_ranked: bool = True
    """False for a policy that sees the true world, and for a reference that lacks a sense."""


def _describe_unit(unit: Unit) -> UnitFacts:
    """The facts of a unit that no list has."""
    return UnitFacts(
        name=unit.name,
        kind=OWN,
        family=unit.family,
        recipe=unit.recipe,
        training_seed=unit.training_seed,
        training_step=unit.training_step,
        policy=unit.name,
    )


def _is_trained_anew(unit: UnitFacts, found: _Driven) -> bool:
    """Whether the runs of a policy of one's own have other weights than the tables, so that these are out of date."""
    return unit.kind == OWN and unit.weights_sha256 is not None and not found.weights & {unit.weights_sha256}


def _check_strangers(own: Sequence[str], others: Collection[str], folder: Path) -> None:
    """Refuse policies of one's own among units of the plan: they may be a misspelt name of one."""
    planned = {unit.name for unit in plan_units()}
    if own and not planned.isdisjoint(others):
        raise InputError(
            f"'{folder}' has results of '{own[0]}', which is no unit of the population that the others are of: add it "
            f"to '{folder / UNITS}', or take another folder for it"
        )


def _check_same_weights(units: Mapping[str, UnitFacts], driven: Mapping[str, _Driven], folder: Path) -> None:
    for name, found in driven.items():
        listed = units[name].weights_sha256
        if len(found.weights | ({listed} if listed else set())) > 1:
            raise InputError(
                f"'{folder}' has results of '{name}' with other weights than its runs or '{folder / UNITS}' have: "
                "delete the run, or give --population DIR, whose weights count then"
            )


def _check_same_conditions(stored: Iterable[UnitFacts], driven: Mapping[str, _Driven], folder: Path) -> None:
    known = {name: (conditions, unit.name) for unit in stored for name, conditions in unit.suites.items()}
    for unit, facts in driven.items():
        for suite, conditions in facts.suites.items():
            first, other = known.setdefault(suite, (conditions, unit))
            if first != conditions:
                raise InputError(
                    f"'{folder}': '{unit}' drove other episodes of the suite '{suite}' (conditions {conditions}) than "
                    f"'{other}' ({first}): units compare on equal ones; take another folder for them"
                )


def _check_same_episodes(units: Iterable[UnitFacts], driven: Mapping[str, _Driven], folder: Path) -> None:
    """Check that policies of one's own, whose runs need no suite, drove equal episodes, also those of earlier runs."""
    own = {unit.name: unit for unit in units if unit.kind == OWN}
    known = {scenario: (which, unit.name) for unit in own.values() for scenario, which in unit.episodes.items()}
    for name in own.keys() & driven.keys():
        for scenario, which in driven[name].episodes.items():
            first, other = known.setdefault(scenario, (which, name))
            if first != which:
                raise InputError(
                    f"'{folder}': '{name}' drove other episodes of '{scenario}' ({which}) than '{other}' ({first}): "
                    "units compare on equal ones; take another folder for them"
                )


def _is_complete(run: Path) -> bool:
    summary = read_summary(run)
    return summary is not None and summary.complete


def _read_driven(runs: Sequence[Path]) -> dict[str, _Driven]:
    """The hashes of the weights that each unit was driven with, and the suites that it drove."""
    found: dict[str, _Driven] = defaultdict(_Driven)
    for manifest in map(read_manifest, runs):
        for label, policy in manifest.policies.items():
            unit, suite = found[find_unit(label)], manifest.suite
            unit.episodes |= {
                name: f"{scenario.spec}, seed {manifest.seeds.suite}" for name, scenario in manifest.scenarios.items()
            }
            unit.is_ranked = not policy.privileged and find_unit(label) not in REFERENCE_POLICIES
            if policy.weights is not None:
                unit.weights.add(policy.weights)
            if suite is not None and suite.name and not suite.changed:
                unit.suites[suite.name] = suite.conditions
    return found


def _read_scores(folder: Path) -> dict[str, dict[tuple[str, str], MetricScore]]:
    found: dict[str, dict[tuple[str, str], MetricScore]] = defaultdict(dict)
    for file in find_score_files(folder):
        for entry in read_offline_results(file).entries:
            for score in entry.scores:
                if entry.scenario is not None:
                    found[find_unit(entry.policy)][score.metric, entry.scenario] = score
    return found


def _name_original(unit: UnitFacts, origins: Mapping[str, UnitFacts | PopulationUnit]) -> str | None:
    """The training that a unit is a copy of; None for one of its own training, and for what several were joined to."""
    root: UnitFacts | PopulationUnit = unit
    while len(root.parents) == 1 and root.parents[0] in origins:
        root = origins[root.parents[0]]
    course = name_course(root.recipe, root.training_seed)
    return None if course == name_course(unit.recipe, unit.training_seed) else course


def _make_unit(
    facts: UnitFacts, original: str | None, results: UnitResults, scores: Scores, stored: Unit | None
) -> Unit:
    """Make a unit of the tables; of equal episodes and metrics, what was measured last replaces what is stored."""
    successes = {} if stored is None else dict(stored.successes)
    for cell, episodes in results.success.items():
        before = {} if cell not in successes else dict(zip(*map(np.ndarray.tolist, successes[cell]), strict=True))
        joined = before | {number: float(value) for number, value in episodes.items()}
        numbers = np.array(sorted(joined), np.int64)
        successes[cell] = EpisodeValues(numbers, np.array([joined[n] for n in numbers.tolist()], np.float64))
    metrics = {} if stored is None else dict(stored.metrics)
    metrics |= {
        key: EpisodeValues(np.arange(len(score.episodes)), np.array(score.episodes, np.float64))
        for key, score in scores.items()
        if score.unavailable is None
    }
    for scenario, errors in results.episode_mae.items():
        values = EpisodeValues(np.array(list(errors), np.int64), np.array(list(errors.values()), np.float64))
        if (MAE, scenario) not in metrics or (facts.kind == OWN and (MAE, scenario) not in scores):
            metrics[MAE, scenario] = values
    return Unit(
        name=facts.name,
        family=facts.family,
        recipe=facts.recipe,
        training_seed=facts.training_seed,
        training_step=facts.training_step,
        successes=successes,
        metrics=metrics,
        copy_of=original,
    )


def _measure_costs(
    folder: Path, scores: Mapping[str, Scores], stored: Iterable[Unit], facts: Iterable[UnitFacts]
) -> PopulationCosts:
    """Average over the units of this folder's runs; where the tables have more units of others, theirs stays."""
    spent: dict[str, list[Cost]] = defaultdict(list)
    for of_unit in scores.values():
        own: dict[str, Cost] = defaultdict(Cost)
        for (metric, _), score in of_unit.items():
            own[metric] += score.cost
        for metric, cost in own.items():
            spent[metric].append(cost)
    seconds = read_json(folder / CPU) if (folder / CPU).is_file() else {}
    before, others = read_costs(folder), Counter[str]()
    for unit in stored:
        scored_here = {metric for metric, _ in scores.get(unit.name, ())}
        others.update({metric for metric, _ in unit.metrics} - scored_here)
        others[SCORES] += bool(unit.metrics) and unit.name not in seconds.get(SCORES, ())
    for one in facts:
        others.update(suite for suite in one.suites if one.name not in seconds.get(suite, ()))
    metrics = {
        name: _average(costs)
        for name, costs in spent.items()
        if len(costs) >= others[name] or name not in before.metrics
    }
    cpu = {
        name: round(float(np.mean(list(of_units.values()))), 1)
        for name, of_units in seconds.items()
        if len(of_units) >= others[name] or name not in before.cpu_seconds
    }
    return PopulationCosts({**before.metrics, **metrics}, {**before.cpu_seconds, **cpu})


def _average(costs: Sequence[Cost]) -> Cost:
    total = sum(costs, Cost())
    count = len(costs)
    return Cost(
        round(total.frames / count),
        round(total.renders / count),
        round(total.steps / count),
        round(total.seconds / count, 2),
    )
