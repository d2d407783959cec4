"""The contest: every metric judged over all units, within families and along checkpoints, against the MAE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.agreement.judgement import Judgement, judge_metric
from sim.agreement.metric_choice import MetricDifference, compare_metrics
from sim.agreement.selection import Part
from sim.population.population import MAE, Population

HEADLINES = (Part("all"), Part("within families"), Part("along checkpoints"))
RESAMPLES = 300  # of each of dozens of metrics; the verdicts have more


class ContestRow(NamedTuple):
    """One metric in the contest."""

    metric: str
    """Its name."""
    judgements: Mapping[Part, Judgement]
    """Of each of ``HEADLINES``."""
    gains: Mapping[Part, MetricDifference]
    """Against the MAE, of the same; empty for the MAE itself, and where none were asked for."""

    def rho(self, part: Part) -> float | None:
        """Return Spearman's rho of a part, 1 if the metric ranks as success does."""
        return self.judgements[part].estimates["spearman"].value


def run_contest(population: Population, *, gains: bool = True) -> tuple[ContestRow, ...]:
    """Judge every metric of a population.

    Args:
        population: The units.
        gains: False to leave out the gains over the MAE, which take longer than the judgements.

    Returns:
        Those of all units first, among them the best over all; those without a ranking last.
    """
    rows = [_judge(population, metric, gains) for metric in population.better]
    return tuple(sorted(rows, key=_rank, reverse=True))


def _rank(row: ContestRow) -> tuple[float, float]:
    over_all = row.rho(HEADLINES[0])
    return (row.judgements[HEADLINES[0]].units, -2.0 if over_all is None else over_all)


def _judge(population: Population, metric: str, gains: bool) -> ContestRow:
    judgements = {part: judge_metric(population, metric, part, resamples=RESAMPLES) for part in HEADLINES}
    asked = HEADLINES if gains and metric != MAE and MAE in population.better else ()
    found = {part: compare_metrics(population, metric, MAE, part, resamples=RESAMPLES) for part in asked}
    return ContestRow(metric, judgements, found)
