"""Everything that is concluded from a population, from its tables alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.common.errors import InputError
from sim.agreement.conclusion.combination import COMBINATION, add_combination, select_complete_metrics
from sim.agreement.conclusion.contest import HEADLINES, ContestRow, run_contest
from sim.agreement.conclusion.leaderboard import LeaderboardRow, rank_recipes
from sim.agreement.judgement import Judgement, judge_metric
from sim.agreement.metric_choice import Choice, choose_metric
from sim.agreement.noise_ceiling import NoiseCeiling, measure_ceiling
from sim.agreement.prediction.predictor import Coverage, SuccessPredictor, fit_predictor, measure_coverage
from sim.agreement.prediction.scored_units import gather_scores
from sim.agreement.selection import Part, list_parts
from sim.agreement.verdict.verdict import Verdict, decide_verdict
from sim.population.population import MAE, Population

VERDICT_RESAMPLES = 5000  # with 1000, which verdict it is could be a matter of luck


@dataclass(frozen=True)
class Basis:
    """What a conclusion rests on."""

    units: int
    """Number of units that drove."""
    scored: int
    """Number of those that were scored by the MAE, too."""
    families: int
    """Number of families that they come from."""
    trainings: int
    """Number of trainings that their weights come from; an ensemble of several counts as one."""
    repeated: int
    """Number of recipes with two training seeds or more, without copies of other recipes."""
    driven: int
    """Number of driven episodes of all units."""


@dataclass(frozen=True, eq=False)
class Conclusion:
    """Everything that is concluded from a population."""

    basis: Basis
    """What it rests on."""
    population: Population
    """With the combination as a further metric, where there is one."""
    complete: tuple[str, ...]
    """The metrics that all units have which have an MAE: those of the combination and of the choices."""
    verdicts: tuple[Verdict, ...]
    """On the MAE, then on the combination: over all units, within families, along checkpoints."""
    contest: tuple[ContestRow, ...]
    """Every metric, those of all units first, among them the best over all."""
    choices: Mapping[Part, Sequence[Choice]]
    """The best metric by one half of the episodes, reported on the other."""
    parts: tuple[Judgement, ...]
    """The MAE in each family, along each training, in each scenario and under each perturbation."""
    ceilings: tuple[NoiseCeiling, ...]
    """How well a perfect metric would do."""
    predictor: SuccessPredictor | None
    """From the MAE; None where it can't be fitted."""
    coverage: Coverage | None
    """Of its interval, with families left out; None where there is none."""
    no_predictor: str | None
    """Why there is no predictor."""
    leaderboard: tuple[LeaderboardRow, ...]
    """Recipes, the most successful first."""


def draw_conclusion(population: Population) -> Conclusion:
    """Conclude everything that the tables of a population tell.

    Raises:
        InputError: No unit was scored by the MAE, or a metric is called as the combination is.
    """
    if MAE not in population.better:
        raise InputError(
            f"no unit was scored by '{MAE}', so no metric can be judged: 'python -m sim.agreement FOLDER --population "
            f"POPULATION' scores them, and so does sim.evaluate without --no-offline"
        )
    if COMBINATION in population.better:
        raise InputError(f"a metric is called '{COMBINATION}', as that of all metrics is: rename it in the tables")
    complete = select_complete_metrics(population, MAE)  # of equal units, so that their correlations compare
    combined = _combine(population, complete)
    judged = [MAE, *([COMBINATION] if COMBINATION in combined.better else [])]
    verdicts = tuple(
        decide_verdict(combined, metric, part, resamples=VERDICT_RESAMPLES) for metric in judged for part in HEADLINES
    )
    judgements = [each.judgement for each in verdicts]
    predictor, coverage, reason = _predict(population)
    return Conclusion(
        basis=_count(population),
        population=combined,
        complete=complete,
        verdicts=verdicts,
        contest=run_contest(combined, {(each.metric, each.part): each for each in judgements}),
        choices={part: choose_metric(population, part, complete) for part in HEADLINES},
        parts=tuple(judge_metric(population, MAE, part) for part in list_parts(population) if part.name),
        ceilings=tuple(measure_ceiling(population, part) for part in HEADLINES),
        predictor=predictor,
        coverage=coverage,
        no_predictor=reason,
        leaderboard=rank_recipes(population),
    )


def _combine(population: Population, metrics: Sequence[str]) -> Population:
    """The population with a combination of some metrics; as it is where two families or more are lacking."""
    if len(metrics) < 2 or len(np.unique(gather_scores(population, metrics).families)) < 3:
        return population
    return add_combination(population, metrics)


def _predict(population: Population) -> tuple[SuccessPredictor | None, Coverage | None, str | None]:
    try:
        predictor = fit_predictor(population, (MAE,))
    except InputError as error:
        return None, None, str(error)
    try:
        return predictor, measure_coverage(gather_scores(population, (MAE,)), (MAE,)), None
    except InputError:  # enough families for an interval, and too few to leave one out
        return predictor, None, None


def _count(population: Population) -> Basis:
    units = population.units
    seeds: dict[str, set[int | None]] = {}
    for unit in units:
        if unit.copy_of is None:
            seeds.setdefault(unit.recipe, set()).add(unit.training_seed)
    return Basis(
        units=len(units),
        scored=sum(any(metric == MAE for metric, _ in unit.metrics) for unit in units),
        families=len(population.families),
        trainings=len({unit.training for unit in units}),
        repeated=sum(len(each) > 1 for each in seeds.values()),
        driven=sum(len(cell.numbers) for unit in units for cell in unit.successes.values()),
    )
