"""The verdict in words: does a metric predict success on a part of a population, and from what difference on?

The rule, in this order; ``docs/explanation/statistics.md`` says it for readers:

1. **cannot tell**: there is no interval of Spearman's rho, or it contains both 0 and ``USEFUL``.
2. **does not predict**: it reaches down to 0 and lies below ``USEFUL``.
3. Otherwise rho is above 0, and the pairs decide that success tells apart, ordered by how much they differ in the
   metric. **cannot tell** if there are fewer than ``MIN_PAIRS``. **predicts** if the interval of the share in order
   lies above one half for the third that differs least. Otherwise **predicts large differences**, if it does so for
   the pairs that differ by more than x, where x is the largest of the ten deciles of the difference up to which it
   doesn't; **cannot tell** if not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.agreement.comparison import RESAMPLES, Comparison
from sim.agreement.judgement import Judgement, judge_units
from sim.agreement.selection import Part, compare_units
from sim.agreement.verdict.needs import describe_needs, describe_pair_needs, estimate_needs
from sim.agreement.verdict.pair_shares import COIN, PairShare, find_coin_toss, resample_pairs, share_pairs
from sim.population.population import Population
from sim.statistics.correlation import PERFECT

VerdictKind = Literal["predicts", "predicts large differences", "does not predict", "cannot tell"]
USEFUL = 0.5  # Spearman's rho; two of three pairs in order
CLOSEST = 1.0 / 3.0  # share of the pairs
MIN_PAIRS = 30  # so that the closest third are ten


@dataclass(frozen=True)
class Verdict:
    """Whether a metric predicts success."""

    kind: VerdictKind
    """By the rule of this module."""
    sentence: str
    """The verdict in words, with its figures."""
    judgement: Judgement
    """The measures that it rests on."""
    closest: PairShare | None = None
    """The third of the pairs that differs least in the metric; None where pairs don't decide."""
    coin_toss_below: float | None = None
    """Pairs that differ by less, in the metric's unit, are not shown to be ordered better than by a coin; 0 if even the
    closest tenth is. None where nothing can be told."""


def decide_verdict(population: Population, metric: str, part: Part, *, resamples: int = RESAMPLES) -> Verdict:
    """Decide whether a metric predicts success on a part of a population.

    Raises:
        InputError: No unit was scored with such a metric.
    """
    compared = compare_units(population, metric, part)
    judgement = judge_units(compared, metric, part, resamples=resamples)
    low, high = bound_correlation(judgement)
    seen = describe_correlation(judgement)
    if low is None or high is None or (low <= 0.0 and high >= USEFUL):
        return _cannot_tell(compared, judgement, seen)
    if low <= 0.0:
        words = f"{metric} does not predict success {part.words}: {seen}, below {USEFUL:g}"
        return Verdict("does not predict", words, judgement)
    if judgement.apart < MIN_PAIRS:
        return _lack_pairs(compared, judgement)
    return _judge_pairs(compared, judgement, resamples)


def bound_correlation(judgement: Judgement) -> tuple[float | None, float | None]:
    """Return the interval of Spearman's rho; where it is exactly 1 or -1, that of the pairs in order, as tau."""
    rho, pairs = judgement.estimates["spearman"], judgement.estimates["pairwise"]
    perfect = rho.value is not None and abs(rho.value) > PERFECT
    if rho.low is not None or not perfect or pairs.low is None or pairs.high is None:
        return rho.low, rho.high
    return 2.0 * pairs.low - 1.0, 2.0 * pairs.high - 1.0


def describe_correlation(judgement: Judgement) -> str:
    """Describe Spearman's rho with its interval, or why there is none."""
    rho = judgement.estimates["spearman"]
    if rho.value is None:
        return judgement.reasons["spearman"]
    over = f"over {judgement.units} policies of {judgement.clusters} {judgement.noun}"
    if rho.low is None or rho.high is None:
        pairs = _describe_pairs(judgement) if abs(rho.value) <= PERFECT else ""
        return f"Spearman {rho.value:.2f} {over}; {judgement.reasons['spearman']}{pairs}"
    return f"Spearman {rho.value:.2f} ({rho.low:.2f} to {rho.high:.2f}) {over}"


def _describe_pairs(judgement: Judgement) -> str:
    """Describe the pairs in order where they have an interval: noise that hides a correlation doesn't hide these."""
    pairs = PairShare.of_judgement(judgement)
    return "" if pairs.share.low is None else f"; of the pairs that success tells apart, {pairs}"


def _cannot_tell(compared: Comparison, judgement: Judgement, seen: str) -> Verdict:
    if not compared.size:
        return Verdict("cannot tell", f"{_open_question(judgement)}: {seen}", judgement)
    low, high = bound_correlation(judgement)
    needs = describe_needs(compared, estimate_needs(compared, rho=USEFUL, low=low, high=high))
    words = f"{_open_question(judgement)}: {seen}; to tell {USEFUL:g} from none it would take {needs}"
    return Verdict("cannot tell", words, judgement)


def _open_question(judgement: Judgement) -> str:
    return (
        f"cannot tell whether {judgement.metric} predicts success {judgement.part.words} with {judgement.units} "
        f"policies and {judgement.driven} episodes"
    )


def _lack_pairs(compared: Comparison, judgement: Judgement) -> Verdict:
    needs = describe_pair_needs(compared, MIN_PAIRS)
    words = (
        f"{_open_question(judgement)} from what difference on: {describe_correlation(judgement)}, but success tells "
        f"only {judgement.apart} pairs of policies apart; to tell {MIN_PAIRS} apart it would take {needs}"
    )
    return Verdict("cannot tell", words, judgement)


def _judge_pairs(compared: Comparison, judgement: Judgement, resamples: int) -> Verdict:
    pairs = resample_pairs(compared, resamples)
    closest = share_pairs(pairs, pairs.differences <= np.quantile(pairs.differences, CLOSEST))
    below, coin = find_coin_toss(pairs)
    seen, metric, where = describe_correlation(judgement), judgement.metric, judgement.part.words
    if closest.is_better_than_a_coin:
        words = f"{metric} predicts success {where}: {seen}; of the third of pairs that differs least, {closest}"
        return Verdict("predicts", words, judgement, closest, below)
    beyond = share_pairs(pairs, pairs.differences > below)
    if not beyond.is_better_than_a_coin:
        return _lack_order(judgement, seen, coin, beyond)
    words = (
        f"{metric} predicts only large differences in success {where}: pairs closer than {below:.3g} in {metric} are "
        f"not shown to be better than a coin toss, {coin}; of the others, {beyond}; {seen}"
    )
    return Verdict("predicts large differences", words, judgement, closest, below)


def _lack_order(judgement: Judgement, seen: str, coin: PairShare | None, beyond: PairShare) -> Verdict:
    """Ranks agree, but no pairs are shown to be in order, however much they differ in the metric."""
    which, pairs = ("even of the pairs that differ most", beyond) if beyond.pairs else ("of all these pairs", coin)
    assert pairs is not None
    value, low = pairs.share.value, pairs.share.low
    needs = f"policies of more {judgement.noun}"
    if value is not None and low is not None and value > COIN:  # as many more as make the interval narrow enough
        times = max(1.0, ((value - low) / (value - COIN)) ** 2)
        needs = f"policies of about {math.floor(judgement.clusters * times) + 1} {judgement.noun}"
    words = (
        f"{_open_question(judgement)} from what difference on: {seen}, but {which}, "
        f"{pairs}; to tell these from a coin toss it would take {needs}"
    )
    return Verdict("cannot tell", words, judgement)
