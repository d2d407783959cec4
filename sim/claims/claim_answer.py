"""The answer to a claim: differences in MAE and success of its pairs of units, and verdicts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np

from sim.claims.published_claims import CLAIMS, UNIT_SEEDS, Claim, UnitPair
from sim.claims.seed_difference import SeedDifference, measure_seed_difference
from sim.claims.unit_results import CellKey, UnitResults
from sim.results.plan import UNPERTURBED

SMALLER = "confirmed, smaller than published"
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
_Cell = TypeVar("_Cell", str, CellKey)


@dataclass(frozen=True)
class PairAnswer:
    """What a pair of units says about a claim.

    Attributes:
        pair: The units.
        mae: Difference in MAE, changed less base, below 0 for a gain; None without results.
        success: Difference in success, above 0 for a gain; None without results.
        mae_verdict, success_verdict: In words.
        loss: Difference in the success that perturbations cost, below 0 if the changed unit loses less; None without
            results, and where the claim isn't about perturbations.
        loss_verdict: In words; None where the claim isn't about perturbations.
    """

    pair: UnitPair
    mae: SeedDifference | None
    success: SeedDifference | None
    mae_verdict: str
    success_verdict: str
    loss: SeedDifference | None = None
    loss_verdict: str | None = None


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
        loss = compare_loss(both) if claim.perturbed else None
        sign = 1.0 if claim.is_gain else -1.0
        answers.append(
            PairAnswer(
                pair,
                mae,
                success,
                _compare_with_published(judge_difference(mae, -sign, MAE_MARGIN), mae, claim),
                judge_difference(success, sign, SUCCESS_MARGIN),
                loss,
                judge_difference(loss, -sign, SUCCESS_MARGIN) if claim.perturbed else None,
            )
        )
    return tuple(answers)


def _compare_with_published(verdict: str, found: SeedDifference | None, claim: Claim) -> str:
    """Add to a verdict on the MAE that all of its interval is smaller than what was published."""
    if verdict != CONFIRMED or claim.published is None or found is None or found.low is None or found.high is None:
        return verdict
    is_smaller = max(abs(found.low), abs(found.high)) < min(map(abs, claim.published))
    return SMALLER if is_smaller else verdict


def compare_mae(pairs: Sequence[tuple[UnitResults, UnitResults]]) -> SeedDifference | None:
    """Compare the MAE of pairs of units, one for each training seed, on the demonstrations that all were scored on.

    Each demonstration of a scenario counts alike, as in the judgement of metrics. Seeds without an MAE are left out.

    Returns:
        Changed less base; None if there are none.
    """
    differences = _pair_values([(changed.episode_mae, base.episode_mae) for changed, base in pairs])
    return measure_seed_difference(differences) if differences else None


def compare_success(pairs: Sequence[tuple[UnitResults, UnitResults]], perturbed: bool) -> SeedDifference | None:
    """Compare the success of pairs of units, one for each training seed, in the episodes that all of them drove.

    Seeds that drove nothing of the kind are left out.

    Args:
        pairs: (changed, base) of each training seed.
        perturbed: True to compare it under perturbations, False without.

    Returns:
        Changed less base; None if there are none.
    """
    wanted = [
        ({cell: won for cell, won in unit.success.items() if (cell[1] != UNPERTURBED) == perturbed} for unit in pair)
        for pair in pairs
    ]
    return _measure_rates([(changed, base) for changed, base in wanted], 1.0)


def compare_loss(pairs: Sequence[tuple[UnitResults, UnitResults]]) -> SeedDifference | None:
    """Compare the success that perturbations cost pairs of units, in the episodes that all drove with and without them.

    Args:
        pairs: (changed, base) of each training seed.

    Returns:
        The loss of the changed unit less that of the base; None if there are none.
    """
    return _measure_rates([(_list_losses(changed), _list_losses(base)) for changed, base in pairs], 2.0)


def _list_losses(unit: UnitResults) -> dict[CellKey, dict[int, int]]:
    """Of each episode that a unit drove under perturbations, its success without them less that with them."""
    return {
        (scenario, perturbation): {
            number: int(plain[number]) - int(value) for number, value in won.items() if number in plain
        }
        for (scenario, perturbation), won in unit.success.items()
        if perturbation != UNPERTURBED and (plain := unit.success.get((scenario, UNPERTURBED), {}))
    }


def _measure_rates(
    pairs: Sequence[tuple[Mapping[CellKey, Mapping[int, float]], Mapping[CellKey, Mapping[int, float]]]], most: float
) -> SeedDifference | None:
    """The difference of pairs in means of successes, at most ``most``; None if there are none."""
    differences = _pair_values(pairs)
    if not differences:
        return None
    least = [2.0 / (values.shape[1] + 2) ** 2 for values in differences]  # Bonett and Price's, of pairs that are equal
    found = measure_seed_difference(differences, least)
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(-most, found.low), high=min(most, found.high))


def _pair_values(pairs: Sequence[tuple[Mapping[_Cell, Mapping[int, float]], ...]]) -> list[np.ndarray]:
    """Return the differences (seeds, episodes) of each cell, in the episodes that all pairs have which have any."""
    cells = dict.fromkeys(cell for pair in pairs for values in pair for cell in values)
    shared = [{cell: _share([pair], cell) for cell in cells} for pair in pairs]
    kept = [pair for pair, of_pair in zip(pairs, shared, strict=True) if any(of_pair.values())]
    found = {cell: _share(kept, cell) for cell in cells}
    return [
        np.array([[float(changed[cell][each]) - float(base[cell][each]) for each in numbers] for changed, base in kept])
        for cell, numbers in found.items()
        if numbers
    ]


def _share(pairs: Sequence[tuple[Mapping[_Cell, Mapping[int, float]], ...]], cell: _Cell) -> list[int]:
    """The numbers of the episodes of a cell that all units have."""
    numbers = [set(values.get(cell, ())) for pair in pairs for values in pair]
    return sorted(set.intersection(*numbers)) if numbers else []


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
