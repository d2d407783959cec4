"""Estimates of success rates and their differences, with 95 % intervals: under a perturbation, and by phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from scenarios.world import PhraseKind
from sim.results.plan import UNPERTURBED
from sim.results.row import EpisodeRow
from sim.results.summary.rates import PairedDifference, SuccessByPhrase, SuccessRate, UnpairedDifference
from sim.results.summary.summary import CellSummary, LanguageByPhrase, LanguageScore, PhraseScore
from sim.statistics.exact import success_interval
from sim.statistics.intervals import paired_difference
from sim.statistics.unpaired import Counts, Estimate, unpaired_difference, unpaired_rate_difference

T = TypeVar("T")


def estimate_success(successes: Sequence[bool]) -> SuccessRate:
    """Estimate the success rate over one episode or more, with Blaker's interval."""
    k, n = sum(successes), len(successes)
    low, high = success_interval(successes=k, trials=n)
    return SuccessRate(k, n, k / n, low, high)


def compare_paired(pairs: Iterable[tuple[bool, bool]]) -> PairedDifference | None:
    """Estimate the effect of a perturbation from successes (before, after) of the same episodes; None without any."""
    counts = Counter(pairs)
    if not counts:
        return None
    gained, lost = counts[False, True], counts[True, False]
    found = paired_difference(both=counts[True, True], gained=gained, lost=lost, neither=counts[False, False])
    return PairedDifference(UNPERTURBED, counts.total(), *found, lost=lost, gained=gained)


def group_by_phrase(values: Iterable[T], phrase_of: Callable[[T], PhraseKind | None]) -> dict[PhraseKind, list[T]]:
    """Group values by the kind of their phrase, without those whose kind isn't known."""
    groups: dict[PhraseKind, list[T]] = {}
    for value in values:
        if (kind := phrase_of(value)) is not None:
            groups.setdefault(kind, []).append(value)
    return groups


def compare_success(rows: Iterable[EpisodeRow]) -> SuccessByPhrase | None:
    """Estimate success on seen and on unseen phrases; None if no row's phrase is known."""
    groups = group_by_phrase(rows, lambda row: row.phrase)
    return _compare_rates({kind: estimate_success([row.success for row in group]) for kind, group in groups.items()})


def pool_success(cells: Iterable[CellSummary]) -> SuccessByPhrase | None:
    """Estimate success on seen and on unseen phrases over all episodes of some cells; None if no phrase is known."""
    known = [cell.phrases for cell in cells if cell.phrases is not None]
    parts: dict[PhraseKind, list[SuccessRate | None]] = {
        "seen": [each.seen for each in known],
        "unseen": [each.unseen for each in known],
    }
    return _compare_rates(
        {kind: _pool([each for each in rates if each]) for kind, rates in parts.items() if any(rates)}
    )


def _pool(rates: Sequence[SuccessRate]) -> SuccessRate:
    k, n = sum(each.k for each in rates), sum(each.n for each in rates)
    return estimate_success([True] * k + [False] * (n - k))


def _compare_rates(rates: Mapping[PhraseKind, SuccessRate]) -> SuccessByPhrase | None:
    if not rates:
        return None
    seen, unseen = rates.get("seen"), rates.get("unseen")
    difference = None
    if seen is not None and unseen is not None:
        found = unpaired_rate_difference(*(Counts(each.k, each.n) for each in (seen, unseen)))
        difference = UnpairedDifference(*found)
    return SuccessByPhrase(seen, unseen, difference)


def compare_language(scores: Mapping[PhraseKind, LanguageScore]) -> LanguageByPhrase | None:
    """Put the language scores on seen and on unseen phrases side by side; None without any."""
    if not scores:
        return None
    found = {kind: PhraseScore(each.pairs, each.score, each.low, each.high) for kind, each in scores.items()}
    seen, unseen = found.get("seen"), found.get("unseen")
    difference = None
    if seen is not None and unseen is not None:
        estimates = (Estimate(each.score, each.low, each.high) for each in (seen, unseen))
        difference = UnpairedDifference(*unpaired_difference(*estimates))
    return LanguageByPhrase(seen, unseen, difference)
