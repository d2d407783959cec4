"""The answer to a claim: differences in MAE and success of its pairs of units, and verdicts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sim.claims.published_claims import CLAIMS, UNIT_SEEDS, Claim, UnitPair
from sim.claims.seed_difference import SeedDifference, measure_seed_difference
from sim.claims.unit_results import UnitResults
from sim.results.plan import UNPERTURBED

CONFIRMED, CONTRADICTED, NO_DIFFERENCE, CANNOT_TELL = (
    "confirmed",
    "contradicted",
    "no difference within ±{margin}",
    "cannot tell",
)


class Margin(NamedTuple):
    """How large a difference may be and still be called none."""

    value: float
    text: str
    """The same as shown."""


MAE_MARGIN = Margin(0.01, "0.01")
SUCCESS_MARGIN = Margin(0.05, "5 points")


@dataclass(frozen=True)
class PairAnswer:
    """What a pair of units says about a claim.

    Attributes:
        pair: The units.
        mae: Difference in MAE, changed less base, below 0 for a gain; None without results.
        success: Difference in success, above 0 for a gain; None without results.
        mae_verdict, success_verdict: In words.
    """

    pair: UnitPair
    mae: SeedDifference | None
    success: SeedDifference | None
    mae_verdict: str
    success_verdict: str


@dataclass(frozen=True)
class ClaimRecord:
    """The answer to a claim as it is stored."""

    sentence: str
    """The claim as published."""
    published: tuple[float, float] | None
    """The published difference in MAE, (smallest, largest)."""
    pairs: tuple[PairAnswer, ...]
    """What each pair of units says."""


@dataclass(frozen=True)
class AnswersRecord:
    """The answers to some claims as they are stored."""

    claims: Mapping[str, ClaimRecord]
    """By the claim's name."""


def answer_all_claims(results: Mapping[str, UnitResults]) -> dict[str, tuple[PairAnswer, ...]]:
    """Answer every published claim, by its name."""
    return {name: answer_claim(claim, results) for name, claim in CLAIMS.items()}


def answer_claim(
    claim: Claim, results: Mapping[str, UnitResults], seeds: Sequence[int] = UNIT_SEEDS
) -> tuple[PairAnswer, ...]:
    """Answer a claim by each of its pairs."""
    answers = []
    for pair in claim.pairs:
        units = [tuple(map(results.get, pair.names(seed))) for seed in seeds]
        both = [(changed, base) for changed, base in units if changed is not None and base is not None]
        mae, success = compare_mae(both), compare_success(both, claim.perturbed)
        sign = 1.0 if claim.is_gain else -1.0
        answers.append(
            PairAnswer(
                pair,
                mae,
                success,
                judge_difference(mae, -sign, MAE_MARGIN),
                judge_difference(success, sign, SUCCESS_MARGIN),
            )
        )
    return tuple(answers)


def compare_mae(pairs: Sequence[tuple[UnitResults, UnitResults]]) -> SeedDifference | None:
    """Compare the MAE of pairs of units, one for each training seed, on the demonstrations that all were scored on.

    Each demonstration of a scenario counts alike, as in the judgement of metrics.

    Returns:
        Changed less base; None if there are none.
    """
    units = [unit for pair in pairs for unit in pair]
    scenarios = [
        name
        for name in (units[0].episode_mae if units else ())
        if all(len(unit.episode_mae.get(name, ())) == len(units[0].episode_mae[name]) for unit in units)
    ]
    if not scenarios:
        return None
    differences = [
        np.array([changed.episode_mae[name] - base.episode_mae[name] for changed, base in pairs]) for name in scenarios
    ]
    return measure_seed_difference(differences, [np.ones(values.shape[1]) for values in differences])


def compare_success(pairs: Sequence[tuple[UnitResults, UnitResults]], perturbed: bool) -> SeedDifference | None:
    """Compare the success of pairs of units, one for each training seed, in the episodes that all of them drove.

    Args:
        pairs: (changed, base) of each training seed.
        perturbed: True to compare it under perturbations, False without.

    Returns:
        Changed less base; None if there are none.
    """
    units = [unit for pair in pairs for unit in pair]
    differences = []
    for cell in units[0].success if units else ():
        if (cell[1] != UNPERTURBED) != perturbed:
            continue
        shared = sorted(set.intersection(*(set(unit.success.get(cell, ())) for unit in units)))
        if shared:
            differences.append(
                np.array(
                    [
                        [float(changed.success[cell][number]) - float(base.success[cell][number]) for number in shared]
                        for changed, base in pairs
                    ]
                )
            )
    if not differences:
        return None
    episodes = sum(values.shape[1] for values in differences)
    least = 2.0 / (episodes + 2) ** 2  # Bonett and Price's, of pairs that never differ
    found = measure_seed_difference(differences, [np.ones(values.shape[1]) for values in differences], least)
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(-1.0, found.low), high=min(1.0, found.high))


def judge_difference(found: SeedDifference | None, sign: float, margin: Margin) -> str:
    """Put a difference into words.

    A difference whose interval lies within the margin is none, even if it excludes 0; otherwise the interval must
    exclude 0 to confirm or to contradict.

    Args:
        found: The difference; None without results.
        sign: 1 if it is claimed to be positive, -1 if negative.
        margin: Differences up to here don't matter.
    """
    if found is None or found.low is None or found.high is None:
        return CANNOT_TELL
    if -margin.value <= found.low and found.high <= margin.value:
        return NO_DIFFERENCE.format(margin=margin.text)
    if found.low <= 0.0 <= found.high:
        return CANNOT_TELL
    return CONFIRMED if found.difference * sign > 0.0 else CONTRADICTED
