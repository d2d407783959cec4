"""Sections of the results page on the verdict and on the metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.agreement.conclusion.combination import COMBINATION
from sim.agreement.conclusion.conclusion import Conclusion
from sim.agreement.conclusion.contest import HEADLINES, ContestRow
from sim.agreement.judgement import Judgement
from sim.agreement.measures import REGRETS, Measure
from sim.agreement.metric_choice import Choice
from sim.agreement.noise_ceiling import RetrainNoise
from sim.agreement.prediction.predictor import LEVEL
from sim.agreement.prediction.scored_units import gather_scores
from sim.agreement.presentation.answers import LikedBest, choose_best, list_answers
from sim.agreement.presentation.markdown import (
    format_count,
    format_estimate,
    format_percent,
    format_percent_estimate,
    format_table,
)
from sim.agreement.selection import Part, PartKind, compare_units
from sim.console.formatting import format_number
from sim.population.population import MAE

EXAMPLES = (0.1, 0.5, 0.9)  # quantiles of the units' MAE, for which success is predicted
PART_TITLES: Mapping[PartKind, str] = {
    "family": "Within one family",
    "checkpoints": "Along one training",
    "scenario": "In one scenario",
    "perturbation": "Under one disturbance",
}
SHOWN: tuple[Measure, ...] = ("spearman", "pearson", "kendall", "pairwise", "regret@1")


def describe_basis(found: Conclusion) -> str:
    """Describe what the conclusion rests on."""
    basis = found.basis
    left_out = found.verdicts[0].judgement.left_out  # of the MAE, over all policies
    missing = ""
    if left_out:
        name, reason = next(iter(left_out.items()))
        missing = f" {format_count(len(left_out), 'unit')} can't be compared, such as '{name}': {reason}."
    return (
        f"It rests on {format_count(basis.units, 'unit')} of {format_count(basis.families, 'family')} in "
        f"{format_count(basis.trainings, 'training')}, {format_count(basis.repeated, 'recipe')} with "
        "two training seeds or more, "
        f"{basis.driven:,} driven episodes, and the offline scores of {format_count(basis.scored, 'unit')}.{missing}"
    )


def write_verdict(found: Conclusion) -> str:
    """Write the answers in plain sentences, what they rest on, and the verdict of the rule on each part."""
    answers = [f"{place}. {each}" for place, each in enumerate(list_answers(found), start=1)]
    lines = [f"- {each.sentence}." for each in found.verdicts]
    return "\n".join([*answers, "", describe_basis(found), "", *lines, f"- {describe_predictor(found)}"])


def describe_predictor(found: Conclusion) -> str:
    """Describe how success can be predicted from the MAE, or why it can't."""
    predictor = found.predictor
    if predictor is None:
        return f"Success can't be predicted from the MAE yet: {found.no_predictor}."
    examples = []
    for value in np.quantile(gather_scores(found.population, (MAE,)).figures[:, 0], EXAMPLES):
        expected = predictor.predict({MAE: float(value)})
        interval = f"{format_percent(expected.low)} to {format_percent(expected.high)} %"
        examples.append(f"{format_percent(expected.expected)} % ({interval}) at an MAE of {value:.3g}")
    text = (
        f"Expected success of a policy of a new family, with its {format_percent(LEVEL)} % interval: "
        f"{', '.join(examples)}; nothing is said below {predictor.lowest[0]:.3g} and above {predictor.highest[0]:.3g}."
    )
    coverage = found.coverage
    if coverage is None or coverage.share is None:
        return text
    return (
        f"{text} With each family left out in turn, the {format_percent(LEVEL)} % interval held for {coverage.held} of "
        f"{format_count(coverage.units, 'unit')}, {format_percent(coverage.share)} % of those of a family in the mean, "
        f"and {format_count(coverage.refused, 'unit')} lay outside of the range."
    )


def write_contest(found: Conclusion) -> str:
    """Write how well each metric ranks policies, and how much better than the MAE."""
    headings = (
        *("metric", "units", "all", "gain over MAE", "within families", "gain over MAE"),
        *("along checkpoints", "gain over MAE"),
    )
    rows = [
        (
            f"`{row.metric}`",
            f"{row.judgements[HEADLINES[0]].units}",
            *(
                cell
                for part in HEADLINES
                for cell in (format_estimate(row.judgements[part].estimates["spearman"]), _format_gain(row, part))
            ),
        )
        for row in found.contest
    ]
    return format_table(headings, rows)


def write_decisions(found: Conclusion, seconds: Mapping[str, float]) -> str:
    """Write what one gets who decides by each metric, and what it costs."""
    headings = (
        *("metric", "units", "pairs in order, %", "within families, %", "MMRV", "likes best", "regret at 1, points"),
        *("at 3", "s a policy"),
    )
    rows: list[tuple[str, ...]] = []
    shown: set[tuple[str, ...]] = set()
    for row in found.contest:
        names = compare_units(found.population, row.metric, HEADLINES[0]).names
        if row.baseline is not None and names not in shown:
            liked = choose_best(found.population.select(names), MAE)
            rows.append(_list_decisions("`mae` over the next ones' units", row.baseline, None, liked))
            shown.add(names)
        over_all, within = (row.judgements[part] for part in HEADLINES[:2])
        chosen = choose_best(found.population, row.metric)
        rows.append(_list_decisions(f"`{row.metric}`", over_all, within, chosen, seconds.get(row.metric)))
    return format_table(headings, rows)


def _list_decisions(
    name: str, over_all: Judgement, within: Judgement | None, chosen: LikedBest | None, seconds: float | None = None
) -> tuple[str, ...]:
    return (
        name,
        f"{over_all.units}",
        format_percent_estimate(over_all.estimates["pairwise"]),
        "-" if within is None else format_percent_estimate(within.estimates["pairwise"]),
        format_number(over_all.estimates["mmrv"].value, "{:.3f}"),
        str(chosen or "-"),
        *(format_percent_estimate(over_all.estimates[measure]) for measure in REGRETS),
        format_number(seconds, "{:.3g}"),
    )


def _format_gain(row: ContestRow, part: Part) -> str:
    gain = row.gains.get(part)
    return "-" if gain is None else format_estimate(gain.differences["spearman"], "{:+z.2f}")


def write_choices(found: Conclusion) -> str:
    """Write which metric was best on one half of the episodes, and what it reached on the other."""
    rows = [_choice_cells(part, choice) for part, choices in found.choices.items() for choice in choices]
    return format_table(
        ("where", "chosen on", "metric", "Spearman there", "on the other half", "of the MAE there", "no interval"), rows
    )


def _choice_cells(part: Part, choice: Choice) -> tuple[str, ...]:
    return (
        part.words,
        f"{choice.chosen_on} episodes",
        f"`{choice.metric}`",
        f"{choice.flattered:.2f}",
        format_estimate(choice.report.estimates["spearman"]),
        format_number(choice.mae, "{:.2f}"),
        choice.report.explain(("spearman",)) or "",
    )


def write_parts(found: Conclusion) -> str:
    """Write the judgement of the MAE in each part of the population, a table for each kind of part."""
    tables = []
    for kind, title in PART_TITLES.items():
        judged = [each for each in found.parts if each.part.kind == kind]
        if judged:
            tables += [f"### {title}", *_write_part_table(judged)]
    return "\n\n".join(tables)


def _write_part_table(parts: Sequence[Judgement]) -> list[str]:
    """A table of parts; a note that all of them have stands above it."""
    notes = [each.explain(SHOWN) or "" for each in parts]
    shared = notes[0] if len(set(notes)) == 1 else ""
    headings = [
        "MAE",
        "units",
        "episodes",
        "Spearman",
        "Pearson",
        "Kendall",
        "pairs in order, %",
        "regret at 1, points",
    ]
    rows = [
        [
            each.part.words,
            f"{each.units}",
            f"{each.driven}",
            *(format_estimate(each.estimates[name]) for name in SHOWN[:3]),
            *(format_percent_estimate(each.estimates[name]) for name in SHOWN[3:]),
            *([] if shared else [note]),
        ]
        for each, note in zip(parts, notes, strict=True)
    ]
    table = format_table([*headings, *([] if shared else ["no interval of"])], rows)
    return [f"No interval: {shared}.", table] if shared else [table]


def write_ceilings(found: Conclusion) -> str:
    """Write how well a perfect metric would do."""
    headings = (
        *("where", "units", "half of the episodes against the other: Spearman", "the same: Pearson"),
        *("Spearman of a perfect metric", "Pearson", "recipes of several seeds", "SD over seeds, points"),
        "retrains against each other: Spearman",
    )
    rows = [
        (
            each.part.words,
            f"{each.units}",
            *(format_number(each.halves[name], "{:.2f}") for name in ("spearman", "pearson")),
            *(format_number(each.ceilings[name], "{:.2f}") for name in ("spearman", "pearson")),
            f"{each.retrains.recipes}",
            _format_deviation(each.retrains),
            format_number(each.retrains.agreement["spearman"], "{:.2f}"),
        )
        for each in found.ceilings
    ]
    return format_table(headings, rows)


def _format_deviation(retrains: RetrainNoise) -> str:
    if retrains.deviation == 0.0:
        return "less than noise"
    return format_number(None if retrains.deviation is None else 100.0 * retrains.deviation, "{:.1f}")


def describe_combination(found: Conclusion) -> str:
    """Describe the combination, and what it gains over the MAE."""
    row = next((row for row in found.contest if row.metric == COMBINATION), None)
    if row is None:
        return "There is no combination of metrics yet: it needs two metrics that all units have, and three families."
    gains = [
        f"{part.words} {format_estimate(row.gains[part].differences['spearman'], '{:+z.2f}')}" for part in HEADLINES
    ]
    return (
        f"`{COMBINATION}` is a ridge regression on all metrics that every unit has; the model of each unit was fitted "
        "without its family, which by itself costs rank correlation over all policies. So its gain in Spearman's rho "
        f"is that over the MAE, fitted in the same way: {'; '.join(gains)}."
    )
