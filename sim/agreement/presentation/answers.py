"""The answers in plain sentences, before the verdicts of the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.agreement.comparison import Comparison
from sim.agreement.conclusion.conclusion import Conclusion
from sim.agreement.conclusion.contest import HEADLINES, ContestRow
from sim.agreement.presentation.markdown import (
    format_count,
    format_estimate,
    format_percent,
    format_percent_estimate,
)
from sim.agreement.selection import compare_units
from sim.agreement.verdict.pair_shares import PairShare
from sim.agreement.verdict.verdict import Verdict, describe_correlation
from sim.console.formatting import format_number
from sim.population.population import MAE, Population

OVER_ALL, WITHIN, _ = HEADLINES


def list_answers(found: Conclusion) -> list[str]:
    """List what a population says about the MAE, and whether another metric is better, in a sentence or two each."""
    verdicts = {each.judgement.part: each for each in found.verdicts if each.judgement.metric == MAE}
    return [
        f"Over all policies {_say(verdicts[OVER_ALL])}: {describe_correlation(verdicts[OVER_ALL].judgement)}.",
        *_describe_choice(found.population, verdicts[OVER_ALL]),
        _describe_related(found.population, verdicts[WITHIN]),
        _describe_better(found),
    ]


def _say(verdict: Verdict) -> str:
    if verdict.kind == "predicts large differences":
        return f"the MAE ranks success where two policies differ by more than {verdict.coin_toss_below:.3g} in it"
    return {
        "predicts": "the MAE ranks success",
        "does not predict": "the MAE doesn't rank success",
        "cannot tell": "it can't be told yet whether the MAE ranks success",
    }[verdict.kind]


class LikedBest(NamedTuple):
    """The policies that a metric likes best; several where they are equal in it."""

    names: tuple[str, ...]
    """Their names."""
    rate: float
    """Their success rate, 0 to 1, the mean over them."""

    def __str__(self) -> str:
        """Return the name, or the number, and the success."""
        if len(self.names) == 1:
            return f"`{self.names[0]}`, {format_percent(self.rate)} %"
        return f"{len(self.names)} alike, {format_percent(self.rate)} % in the mean"


def choose_best(population: Population, metric: str) -> LikedBest | None:
    """Choose the policies that a metric likes best, over all; None without policies that can be compared."""
    return _name_best(compare_units(population, metric, OVER_ALL))


def _name_best(compared: Comparison) -> LikedBest | None:
    if not compared.size:
        return None
    places = np.flatnonzero(compared.proxies == compared.proxies.max())
    return LikedBest(tuple(compared.names[place] for place in places), float(compared.rates[places].mean()))


def _describe_choice(population: Population, verdict: Verdict) -> list[str]:
    """Describe what it costs to take the policy with the lowest MAE."""
    compared, regret = compare_units(population, MAE, OVER_ALL), verdict.judgement.estimates["regret@1"]
    chosen = _name_best(compared)
    if chosen is None or regret.value is None:
        return []
    liked = f"policy with the lowest MAE, `{chosen.names[0]}`, succeeds"
    if len(chosen.names) > 1:
        liked = f"{len(chosen.names)} policies with the lowest MAE succeed"
    return [
        f"The {liked} in {format_percent(chosen.rate)} % of {'its' if len(chosen.names) == 1 else 'their'} episodes, "
        f"the best one in {format_percent(float(compared.rates.max()))} %. Choosing by the MAE costs "
        f"{format_percent_estimate(regret)} points of success, chosen on one half of the episodes and reported on the "
        "other."
    ]


def _describe_related(population: Population, verdict: Verdict) -> str:
    """Describe how policies of one family are ranked; by the pairs that differ where noise hides the rest."""
    judgement = verdict.judgement
    pairs = PairShare.of_judgement(judgement)
    said = f"Among policies of one family {_say(verdict)}"
    if not judgement.apart:
        return f"{said}: {describe_correlation(judgement)}."
    compared = compare_units(population, MAE, WITHIN)
    family, count = Counter(compared.groups[compared.apart[0]].tolist()).most_common(1)[0]
    where = f"{count} of them of `{family}`" if count < judgement.apart else f"all of `{family}`"
    seen = f"of the pairs that success tells apart, {pairs}, {where}"
    if verdict.kind == "cannot tell" and pairs.is_better_than_a_coin:
        return (
            f"Among policies of one family the MAE orders those whose success clearly differs: {seen}. How it ranks "
            "the others can't be told yet."
        )
    return f"{said}: {seen}."


def _describe_better(found: Conclusion) -> str:
    """Name the metrics whose gain over the MAE has an interval above 0."""
    others = [
        row
        for row in found.contest
        if any(gain.differences["spearman"].value is not None for gain in row.gains.values())
    ]
    better = [
        f"`{row.metric}` {part.words}, {format_estimate(gain, '{:+z.2f}')}"
        for row in others
        for part in HEADLINES
        if (gain := row.gains[part].differences["spearman"]).low is not None and gain.low > 0.0
    ]
    if better:
        return (
            f"Of {format_count(len(others), 'other metric')}, these gain rank correlation over the MAE by an interval "
            f"above 0: {'; '.join(better)}. Of so many, some do by chance."
        )
    if not others:
        if len(found.contest) > 1:
            return "No other metric was computed for enough policies to compare it with the MAE."
        return "There is no other metric to compare the MAE with."
    return (
        f"None of {format_count(len(others), 'other metric')} is shown to rank better: no gain in Spearman's rho over "
        f"the MAE has an interval above 0, over all policies, within families or along checkpoints."
        + _describe_few(others)
    )


def _describe_few(rows: Sequence[ContestRow]) -> str:
    """Describe the metrics of fewer policies, and the one that ranks its policies best, beside the MAE of the same."""
    few = [row for row in rows if row.baseline is not None]
    if not few:
        return ""
    units = [row.judgements[OVER_ALL].units for row in few]
    text = f" {len(few)} of them were computed for fewer policies, {min(units)} at least."
    best = max(few, key=lambda row: row.rho(OVER_ALL) or 0.0)
    assert best.baseline is not None
    estimates = (best.judgements[OVER_ALL].estimates, best.baseline.estimates)
    rho, of_mae = (format_number(each["spearman"].value, "{:z.2f}") for each in estimates)
    loss, lost = (format_percent(each["regret@1"].value) for each in estimates)
    return (
        f"{text} The best of these, `{best.metric}`, ranks its {best.judgements[OVER_ALL].units} policies with {rho}, "
        f"the MAE the same ones with {of_mae}; choosing by it costs {loss} points of success there, by the MAE {lost}."
    )
