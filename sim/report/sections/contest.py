"""The contest of offline metrics: how well each ranks the policies of a population."""

from __future__ import annotations

from typing import NamedTuple

from sim.agreement.judgement import AgreementEstimate, judge_metric
from sim.agreement.selection import Part
from sim.population.population import Population

RESAMPLES = 200
PARTS = (Part("all"), Part("within families"), Part("along checkpoints"))


class ContestRow(NamedTuple):
    """One offline metric."""

    metric: str
    units: int
    """Number of policies that it was computed for, and that were driven."""
    correlations: tuple[AgreementEstimate, ...]
    """Spearman's rho on each of ``PARTS``: 1 if the metric ranks as success does."""
    in_order: AgreementEstimate
    """Share of the pairs that success tells apart which the metric orders in the same way, over all."""
    regret: AgreementEstimate
    """Success that is lost by taking the policy that the metric likes best, over all."""


def judge_contest(population: Population) -> list[ContestRow]:
    """Judge every metric of a population: those of all policies first, among them the best correlation over all."""
    rows = [_judge(population, metric) for metric in population.better]
    return sorted(rows, key=lambda row: (-row.units, -_value(row.correlations[0]), row.metric))


def _judge(population: Population, metric: str) -> ContestRow:
    judged = [judge_metric(population, metric, part, resamples=RESAMPLES) for part in PARTS]
    correlations = tuple(each.estimates["spearman"] for each in judged)
    over_all = judged[0].estimates
    return ContestRow(metric, judged[0].units, correlations, over_all["pairwise"], over_all["regret@1"])


def _value(estimate: AgreementEstimate) -> float:
    return -2.0 if estimate.value is None else estimate.value
