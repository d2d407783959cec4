"""The answers in plain sentences, before the verdicts of the rule."""

from __future__ import annotations

from collections import Counter

import numpy as np

from sim.agreement.comparison import Comparison
from sim.agreement.conclusion.conclusion import Conclusion
from sim.agreement.conclusion.contest import HEADLINES
from sim.agreement.presentation.markdown import format_estimate, format_percent, format_percent_estimate
from sim.agreement.selection import compare_units
from sim.agreement.verdict.pair_shares import PairShare
from sim.agreement.verdict.verdict import Verdict, describe_correlation
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


def choose_best(population: Population, metric: str) -> tuple[str, float] | None:
    """Choose the policy that a metric likes best, over all; return its name and success rate, 0 to 1.

    None without policies that can be compared.
    """
    return _name_best(compare_units(population, metric, OVER_ALL))


def _name_best(compared: Comparison) -> tuple[str, float] | None:
    if not compared.size:
        return None
    place = int(np.argmax(compared.proxies))
    return compared.names[place], float(compared.rates[place])


def _describe_choice(population: Population, verdict: Verdict) -> list[str]:
    """Describe what it costs to take the policy with the lowest MAE."""
    compared, regret = compare_units(population, MAE, OVER_ALL), verdict.judgement.estimates["regret@1"]
    chosen = _name_best(compared)
    if chosen is None or regret.value is None:
        return []
    name, rate = chosen
    return [
        f"The policy with the lowest MAE, `{name}`, succeeds in {format_percent(rate)} % of its episodes, the best one "
        f"in {format_percent(float(compared.rates.max()))} %. Choosing by the MAE costs "
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
            f"Of {len(others)} other metrics, these gain rank correlation over the MAE by an interval above 0: "
            f"{'; '.join(better)}. Of so many, some do by chance."
        )
    if not others:
        if len(found.contest) > 1:
            return "No other metric was computed for enough policies to compare it with the MAE."
        return "There is no other metric to compare the MAE with."
    return (
        f"None of {len(others)} other metrics is shown to be better: no gain over the MAE has an interval above 0, "
        "over all policies, within families or along checkpoints."
    )
