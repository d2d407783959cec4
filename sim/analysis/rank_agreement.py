"""What the ranks of policies by offline error and by success come to: correlations, and pairs in order.

Two kinds of interval, as there are two questions. Over policies (``low``, ``high``): what other policies might have
shown; the usual one, by Fisher's z. Over episodes (``episodes_low``, ``episodes_high``): what these very policies might
have shown in other episodes; a percentile bootstrap that draws the episodes of each scenario anew, the same ones for
all policies, as all drove in the same scenes, and likewise whole episodes of each data set. Resampling adds the noise
of few episodes a second time, so that this interval leans towards 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from scenarios.common.seeding import make_generator
from sim.statistics.intervals import (
    RESAMPLES,
    Z_95,
    RankCorrelation,
    kendall,
    paired_difference,
    rank_correlations,
    spearman,
)

MIN_POLICIES = 3  # of two, either order comes up by chance every other time
TOO_FEW_REASONS = (
    "no policy has both all of its episodes and an offline MAE",
    "one policy: there is nothing to rank",
    "two policies: chance alone ranks them right every other time",
)
THREE_POLICIES_REASON = (
    "three policies: chance alone ranks them right one time in six, so there is no interval over policies"
)
ALL_EQUAL_REASON = (
    "all policies that are compared have the same success rate, or the same MAE: there is nothing to rank"
)


@dataclass(frozen=True)
class PolicyComparison:
    """Policies that drove the same episodes and were scored on the same recordings.

    Attributes:
        won: Per scenario (episodes, policies), whether each succeeded.
        scored: Per data set, the policies' offline entries.
    """

    successes: Sequence[np.ndarray]
    offline_entries: Sequence[Sequence[Mapping[str, Any]]]

    @property
    def size(self) -> int:
        """How many policies."""
        return len(self.offline_entries[0]) if self.offline_entries else 0

    @cached_property
    def errors(self) -> np.ndarray:
        """(policies,) mean MAE over the data sets."""
        return np.mean([[entry["mae"] for entry in entries] for entries in self.offline_entries], axis=0)

    @cached_property
    def rates(self) -> np.ndarray:
        """(policies,) successes over all scenarios; as counts, so that equal ones are equal."""
        return np.concatenate(self.successes).sum(axis=0)

    @cached_property
    def resampled_errors(self) -> np.ndarray:
        """(r, policies) ``errors``, had others of the same recorded episodes been drawn for all."""
        rng = make_generator(0, "agreement: errors")
        return np.mean([_resampled_mae(entries, rng) for entries in self.offline_entries], axis=0)

    @cached_property
    def resampled_rates(self) -> np.ndarray:
        """(r, policies) ``rates``, had others of the same episodes been drawn for all."""
        rng = make_generator(0, "agreement: rates")
        return np.sum([_resample_counts(len(won), rng) @ won.astype(np.int64) for won in self.successes], axis=0)


def _resample_counts(episodes: int, rng: np.random.Generator) -> np.ndarray:
    """(r, episodes) how often each is drawn, with replacement."""
    return rng.multinomial(episodes, np.full(episodes, 1.0 / episodes), RESAMPLES)


def _resampled_mae(entries: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> np.ndarray:
    """(r, policies) the MAE on one data set.

    By ``episode_mae`` and ``episode_frames`` where the entries have them. Else, from their intervals, as if each policy
    had been scored on episodes of its own: what they share would make the interval narrower.
    """
    if not all("episode_mae" in entry for entry in entries):
        found = [entry["mae"] for entry in entries]
        spread = [(entry["high"] - entry["low"]) / (2.0 * Z_95) for entry in entries]
        return rng.normal(found, spread, (RESAMPLES, len(entries)))
    errors = np.array([entry["episode_mae"] for entry in entries]).T  # (episodes, policies)
    frames = _resample_counts(len(errors), rng) * np.array(entries[0]["episode_frames"], np.float64)  # (r, episodes)
    means: np.ndarray = (frames @ errors) / frames.sum(axis=1, keepdims=True)
    return means


def measure_rank_agreement(contest: PolicyComparison) -> dict[str, Any]:
    """What the two ranks come to.

    Returns:
        ``policies``: how many; ``reason``: why there is no correlation, or no interval over policies; ``spearman`` and
        ``kendall`` (tau-b): None, or {"value", "p_value", "low", "high", "episodes_low", "episodes_high"}, -1 where MAE
        ranks as success does; ``pairs``: None, or {"pairs", "apart", "same", "opposite", "tied", "share", "low",
        "high"}: of all pairs of policies, how many success tells apart (the 95 % interval of the paired difference
        doesn't hold 0), and of those how many MAE orders the same way, the opposite way, or not at all; the share of
        the same ones with its interval over episodes.
    """
    found: dict[str, Any] = {"policies": contest.size, "reason": None, "spearman": None, "kendall": None, "pairs": None}
    if contest.size < 2:
        return {**found, "reason": TOO_FEW_REASONS[contest.size]}
    found["pairs"] = _pairs(contest)
    if contest.size < MIN_POLICIES:
        return {**found, "reason": TOO_FEW_REASONS[contest.size]}
    if min(len(set(contest.errors)), len(set(contest.rates))) == 1:
        return {**found, "reason": ALL_EQUAL_REASON}
    drawn_rho, drawn_tau = rank_correlations(contest.resampled_errors, contest.resampled_rates)
    errors, rates = contest.errors.tolist(), contest.rates.tolist()
    return {
        **found,
        "reason": THREE_POLICIES_REASON if contest.size == MIN_POLICIES else None,
        "spearman": _correlation(spearman(errors, rates), drawn_rho),
        "kendall": _correlation(kendall(errors, rates), drawn_tau),
    }


def _correlation(found: RankCorrelation, drawn: np.ndarray) -> dict[str, Any]:
    low, high = _percentiles(drawn[np.isfinite(drawn)])  # where all succeed equally often, there is none
    return {**found._asdict(), "episodes_low": low, "episodes_high": high}


def _percentiles(values: np.ndarray) -> tuple[float | None, float | None]:
    if not len(values):
        return None, None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _pairs(contest: PolicyComparison) -> dict[str, Any]:
    every, won = list(combinations(range(contest.size), 2)), np.concatenate(contest.successes)
    apart = [(one, other) for one, other in every if _differ_significantly(won[:, one], won[:, other])]
    kept = Counter(_order_agreement(contest.errors[None], contest.rates[None], apart)[0].tolist())
    drawn = _order_agreement(contest.resampled_errors, contest.resampled_rates, apart)
    low, high = _percentiles((drawn > 0).mean(axis=1)) if apart else (None, None)
    return {
        "pairs": len(every),
        "apart": len(apart),
        "same": kept[1.0],
        "opposite": kept[-1.0],
        "tied": kept[0.0],
        "share": kept[1.0] / len(apart) if apart else None,
        "low": low,
        "high": high,
    }


def _differ_significantly(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the difference of two success rates, over the same episodes, has an interval that doesn't hold 0."""
    both, lost, gained = int((one & other).sum()), int((one & ~other).sum()), int((~one & other).sum())
    found = paired_difference(both=both, gained=gained, lost=lost, neither=len(one) - both - lost - gained)
    return found.low > 0.0 or found.high < 0.0


def _order_agreement(errors: np.ndarray, rates: np.ndarray, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    """(r, pairs) 1 where the lower of two MAEs goes with more success, -1 where with less, 0 where two are equal."""
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    order: np.ndarray = np.sign(errors[:, one] - errors[:, other]) * np.sign(rates[:, other] - rates[:, one])
    return order
