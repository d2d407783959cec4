"""Gathers the two tables of a population, and its costs, from the runs and scores of its units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from scenarios.common.errors import InputError
from sim.agreement.collection.claim_answers import write_claim_answers
from sim.agreement.collection.drive import CPU
from sim.agreement.collection.unit_facts import UnitFacts, list_units, remember_units
from sim.agreement.population import EpisodeValues, Population, Unit
from sim.agreement.tables import write_population
from sim.claims.unit_results import UnitResults, find_runs, find_score_files, find_unit, read_unit_results
from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.results_file import read_offline_results
from sim.offline.metrics.score import MetricScore
from sim.results.codec import from_json, to_json
from sim.results.folder import read_json, read_manifest, write_json
from sim.statistics.ranking import Direction

COSTS = "costs.json"
Scores = Mapping[tuple[str, str], MetricScore]
"""(metric, scenario) -> score."""


@dataclass(frozen=True)
class PopulationCosts:
    """What it took to drive and to score a unit: means over units."""

    metrics: Mapping[str, Cost] = field(default_factory=dict)
    """Metric -> what it took over all families, with the evidence that metrics share."""
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """Suite, or "metrics" for all of them -> CPU seconds of its command."""


def gather_tables(folder: Path) -> None:
    """Write both tables, the costs, the answers to the claims and the hashes of weights of a folder of results.

    Raises:
        InputError: It has no runs of units.
    """
    results = read_unit_results([folder])
    facts = {unit.name: unit for unit in list_units(folder)}
    strangers = sorted(set(results) - set(facts))
    if strangers:
        raise InputError(f"'{folder}' has results of '{strangers[0]}', which is no unit of the population")
    scores = _read_scores(folder)
    weights = _read_weights(folder)
    driven = [name for name in facts if name in results and results[name].success]
    remember_units(folder, tuple(replace(facts[name], weights_sha256=weights.get(name)) for name in driven))
    units = tuple(_make_unit(facts[name], results[name], scores.get(name, {})) for name in driven)
    better: dict[str, Direction] = {
        metric: score.better for name in driven for (metric, _), score in scores.get(name, {}).items()
    }
    write_population(folder, Population(units, better))
    write_claim_answers(folder, results)
    write_json(folder / COSTS, to_json(_measure_costs(folder, list(scores.values()))))


def read_costs(folder: Path) -> PopulationCosts:
    """Read the costs of a folder of tables; empty where it has none."""
    file = folder / COSTS
    return from_json(PopulationCosts, read_json(file), f"'{file}'") if file.is_file() else PopulationCosts()


def _read_weights(folder: Path) -> dict[str, str | None]:
    """The hash of the weights that each unit was driven with."""
    manifests = (read_manifest(path) for path in find_runs(folder))
    return {find_unit(label): policy.weights for each in manifests for label, policy in each.policies.items()}


def _read_scores(folder: Path) -> dict[str, dict[tuple[str, str], MetricScore]]:
    found: dict[str, dict[tuple[str, str], MetricScore]] = defaultdict(dict)
    for file in find_score_files(folder):
        for entry in read_offline_results(file).entries:
            for score in entry.scores:
                if entry.scenario is not None:
                    found[find_unit(entry.policy)][score.metric, entry.scenario] = score
    return found


def _make_unit(facts: UnitFacts, results: UnitResults, scores: Scores) -> Unit:
    successes = {}
    for cell, episodes in results.success.items():
        numbers = np.array(sorted(episodes), np.int64)
        successes[cell] = EpisodeValues(numbers, np.array([episodes[n] for n in numbers.tolist()], np.float64))
    metrics = {
        key: EpisodeValues(np.arange(len(score.episodes)), np.array(score.episodes, np.float64))
        for key, score in scores.items()
        if score.unavailable is None
    }
    return Unit(
        name=facts.name,
        family=facts.family,
        recipe=facts.recipe,
        training_seed=facts.training_seed,
        training_step=facts.training_step,
        successes=successes,
        metrics=metrics,
    )


def _measure_costs(folder: Path, scores: Sequence[Scores]) -> PopulationCosts:
    spent: dict[str, list[Cost]] = defaultdict(list)
    for of_unit in scores:
        own: dict[str, Cost] = defaultdict(Cost)
        for (metric, _), score in of_unit.items():
            own[metric] += score.cost
        for metric, cost in own.items():
            spent[metric].append(cost)
    seconds = read_json(folder / CPU) if (folder / CPU).is_file() else {}
    return PopulationCosts(
        {metric: _average(costs) for metric, costs in spent.items()},
        {name: round(float(np.mean(list(of_units.values()))), 1) for name, of_units in seconds.items()},
    )


def _average(costs: Sequence[Cost]) -> Cost:
    total = sum(costs, Cost())
    count = len(costs)
    return Cost(
        round(total.frames / count),
        round(total.renders / count),
        round(total.steps / count),
        round(total.seconds / count, 2),
    )
