"""The contest: every metric judged over all units, within families and along checkpoints, against the MAE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from sim.agreement.conclusion.combination import COMBINATION, add_combination
from sim.agreement.judgement import Judgement, judge_metric
from sim.agreement.metric_choice import MetricDifference, compare_metrics
from sim.agreement.selection import Part, compare_units
from sim.population.population import MAE, Population

HEADLINES = (Part("all"), Part("within families"), Part("along checkpoints"))
RESAMPLES = 300  # of each of dozens of metrics; the verdicts have more
Judged: TypeAlias = Mapping[tuple[str, Part], Judgement]


class ContestRow(NamedTuple):
    """One metric in the contest."""

    metric: str
    """Its name."""
    judgements: Mapping[Part, Judgement]
    """Of each of ``HEADLINES``."""
    gains: Mapping[Part, MetricDifference]
    """Against the MAE, of the same; empty for the MAE itself, and where none were asked for. That of the combination
    is over the MAE fitted in the same way, without each unit's family: leaving these out alone costs rank correlation
    over several families."""
    baseline: Judgement | None = None
    """The MAE over all of those units, where they are fewer than the MAE's."""

    def rho(self, part: Part) -> float | None:
        """Return Spearman's rho of a part, 1 if the metric ranks as success does."""
        return self.judgements[part].estimates["spearman"].value


def run_contest(population: Population, known: Judged | None = None, *, gains: bool = True) -> tuple[ContestRow, ...]:
    """Judge every metric of a population.

    Args:
        population: The units.
        known: Judgements that were made before, by metric and part.
        gains: False to leave out the gains over the MAE, which take longer than the judgements.

    Returns:
        Those of all units first, among them the best over all; those without a ranking last.
    """
    rows = [_judge(population, metric, known or {}, gains) for metric in population.better]
    return tuple(sorted(rows, key=_rank, reverse=True))


def _rank(row: ContestRow) -> tuple[float, float]:
    over_all = row.rho(HEADLINES[0])
    return (row.judgements[HEADLINES[0]].units, -2.0 if over_all is None else over_all)


def _judge(population: Population, metric: str, known: Judged, gains: bool) -> ContestRow:
    judgements = {
        part: known.get((metric, part)) or judge_metric(population, metric, part, resamples=RESAMPLES)
        for part in HEADLINES
    }
    if not gains or metric == MAE or MAE not in population.better:
        return ContestRow(metric, judgements, {})
    against = _fit_mae(population) if metric == COMBINATION else population
    found = {part: compare_metrics(against, metric, MAE, part, resamples=RESAMPLES) for part in HEADLINES}
    return ContestRow(metric, judgements, found, _judge_mae(population, metric))


def _fit_mae(population: Population) -> Population:
    """The population with what the MAE alone predicts without each unit's family, in the place of the MAE."""
    fitted = add_combination(population, (MAE,))
    units = tuple(
        replace(
            unit,
            metrics={
                **unit.metrics,
                **{
                    (MAE, name): fit.metrics[COMBINATION, name]
                    for name in population.scenarios
                    if (COMBINATION, name) in fit.metrics
                },
            },
        )
        for unit, fit in zip(population.units, fitted.units, strict=True)
    )
    return Population(units, {**population.better, MAE: "larger"})


def _judge_mae(population: Population, metric: str) -> Judgement | None:
    """The MAE over all units that have a metric; None if these are all that have the MAE, too, or none."""
    part = HEADLINES[0]
    names = set(compare_units(population, metric, part).names)
    if not names or names == set(compare_units(population, MAE, part).names):
        return None
    return judge_metric(population.select(names), MAE, part, resamples=RESAMPLES)
