"""The printed judgement: the verdicts in words, the contest, the parts of the population, the ceiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.conclusion.conclusion import Conclusion
from sim.agreement.conclusion.contest import HEADLINES, ContestRow
from sim.agreement.judgement import Judgement
from sim.agreement.measures import MEASURES
from sim.agreement.presentation.judgement_sections import describe_combination, write_verdict
from sim.agreement.presentation.markdown import format_estimate
from sim.agreement.presentation.result_sections import list_seconds
from sim.agreement.selection import Part
from sim.console.columns import MEDIUM, TIGHT, WIDE, Column, fit_columns, list_legends, make_table
from sim.console.console import print_plain_line
from sim.console.formatting import format_number

RHO_LEGEND = "Spearman's rho with success, 1 if the metric ranks as success does, with its 95 % interval over families"
UNITS_LEGEND = "policies that are ranked against each other: with all episodes and the metric, and three at least"
GAIN_LEGEND = "that of the metric less that of the MAE, within families"


def print_conclusion(found: Conclusion, costs: PopulationCosts, console: Console) -> None:
    """Print what is concluded from a population."""
    for line in write_verdict(found).split("\n"):
        print_plain_line(console, line)
    for columns in (_list_contest(found.contest, list_seconds(costs, found.complete)), _list_parts(found.parts)):
        fitted = fit_columns(columns, console.width, (WIDE, MEDIUM, TIGHT))
        console.print()
        console.print(make_table(fitted, [""] * len(columns[0].cells)))
        for line in list_legends(fitted):
            print_plain_line(console, line)
    print_plain_line(console, f"\n{describe_combination(found)}")
    for part, choices in found.choices.items():
        for choice in choices:
            reported = format_estimate(choice.report.estimates["spearman"])
            print_plain_line(
                console,
                f"best {part.words} by {choice.chosen_on} episodes: {choice.metric}, {choice.flattered:.2f} there, "
                f"{reported} on the others, where the MAE has {format_number(choice.mae, '{:.2f}')}",
            )
    for ceiling in (each for each in found.ceilings if each.ceilings["spearman"] is not None):
        halves, most = (format_number(each["spearman"], "{:.2f}") for each in (ceiling.halves, ceiling.ceilings))
        print_plain_line(
            console,
            f"noise ceiling {ceiling.part.words}: half of the episodes rank as the other half with {halves}; rho of "
            f"at most {most} is to be expected of any metric",
        )


def _list_contest(rows: Sequence[ContestRow], seconds: Mapping[str, float]) -> list[Column]:
    def estimate(row: ContestRow, part: Part) -> str:
        return format_estimate(row.judgements[part].estimates["spearman"])

    over_all, within, along = HEADLINES
    gains = [row.gains[within].differences["spearman"] if row.gains else None for row in rows]
    return [
        Column("metric", [row.metric for row in rows], justify="left"),
        Column("units", [f"{row.judgements[over_all].units}" for row in rows], 2, legend=UNITS_LEGEND),
        Column("all", [estimate(row, over_all) for row in rows], legend=RHO_LEGEND),
        Column("within\nfamilies", [estimate(row, within) for row in rows]),
        Column("gain", ["-" if g is None else format_estimate(g, "{:+z.2f}") for g in gains], 2, legend=GAIN_LEGEND),
        Column("along\ncheckpoints", [estimate(row, along) for row in rows]),
        Column("s a\npolicy", [format_number(seconds.get(row.metric), "{:.3g}") for row in rows], 1),
    ]


def _list_parts(parts: Sequence[Judgement]) -> list[Column]:
    measures = [
        Column(name, [format_estimate(each.estimates[name]) for each in parts], place)
        for place, name in enumerate(
            sorted(MEASURES, key=("spearman", "pairwise", "regret@1").__contains__, reverse=True)
        )
    ]
    return [
        Column("MAE", [each.part.words for each in parts], justify="left"),
        Column("units", [f"{each.units}" for each in parts]),
        Column("episodes", [f"{each.driven}" for each in parts]),
        *measures,
    ]
