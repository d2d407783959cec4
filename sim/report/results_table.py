"""Output printed at the end of a run: success next to offline error, best success first, and the paths of the files."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from sim.console.columns import MEDIUM, Column, FittedColumns, fit_columns, list_legends, make_table
from sim.console.console import print_plain_line, standard_console
from sim.console.formatting import format_difference, format_number, format_phrases, format_rate
from sim.metrics.registry import Metric, table_metrics
from sim.report.agreement_lines import agreement_lines
from sim.report.control_lines import control_lines
from sim.report.floors import floor_lines
from sim.report.ranking_table import (
    FAILURES_LEGEND,
    PHRASES_HEADING,
    PHRASES_LEGEND,
    RATE_LEGEND,
    SUCCESS_LEGEND,
    data_lines,
    fit_ranking_columns,
    legend_lines,
    make_ranking_table,
    metric_legend,
)
from sim.report.result_lines import (
    baseline_lines,
    digest_lines,
    fault_lines,
    frame_kind_lines,
    language_lines,
    latency_lines,
    offline_error_lines,
    output_lines,
    phrase_lines,
    privileged_lines,
    suite_lines,
)
from sim.results.row import EpisodeRow
from sim.results.summary.summary import CellSummary, Summary

MAE_LEGEND = "mean absolute error of the policy's actions on recorded frames; lower is better"
PAIRED_LEGEND = "difference in success from the same episodes without perturbation, in percentage points"
FAILURES_WIDTH = 15  # characters of the only column that wraps: its longest word and a count


def print_table(
    summary: Summary,
    folder: Path,
    rows: Sequence[EpisodeRow],
    console: Console | None = None,
    report: Path | None = None,
) -> None:
    """Print the results of a run: one policy by its cells, several as a ranking, with their cells only if perturbed.

    Args:
        summary: Summary of the run.
        folder: Folder of the run.
        rows: Its episodes.
        console: The console to print to; standard output by default.
        report: The report that was written; None for the one in the run's folder.
    """
    console = console or standard_console()
    several = len(summary.agreement.rows) > 1
    lines = [*phrase_lines(summary), *control_lines(summary), *latency_lines(summary), *language_lines(summary)]
    lines += [*offline_error_lines(summary), *fault_lines(rows)]
    legends: list[str] = []
    if not several or summary.is_perturbed:
        fitted = fit_results_columns(summary, console)
        console.print(make_table(fitted, [""] * len(summary.cells), vertical="top"))
        legends += list_legends(fitted)
    if several:
        if summary.is_perturbed:
            console.print()
        ranking = fit_ranking_columns(summary, console)
        console.print(make_ranking_table(summary, ranking))
        legends += list_legends(ranking)
        lines = [*legend_lines(summary), *data_lines(summary), *lines, *agreement_lines(summary)]
    else:
        lines = [
            *privileged_lines(summary),
            *lines,
            *baseline_lines(summary),
            *floor_lines(summary),
            *frame_kind_lines(summary),
        ]
    ends = [*suite_lines(summary), *output_lines(folder, rows, report), *digest_lines(summary)]
    for line in [*dict.fromkeys(legends), *lines, *ends]:
        print_plain_line(console, line)


def fit_results_columns(summary: Summary, console: Console) -> FittedColumns:
    """Choose the columns: as many metrics as fit the console; the failures take the rest of the width."""
    cells = rank_cells(summary.cells)
    fitted = fit_columns(make_columns(summary, cells), console.width)
    if fitted.spare < 0:
        fitted = fit_columns(make_narrow_columns(summary, cells), console.width, (MEDIUM,))
    return fitted


def make_columns(summary: Summary, cells: Sequence[CellSummary]) -> list[Column]:
    """Make the columns, with a line per policy, scenario and perturbation; the last metrics are dropped first."""
    differences = [format_difference(cell.paired) for cell in cells]
    perturbed = summary.is_perturbed
    return [
        _policy_column(cells),
        Column("scenario", [cell.scenario for cell in cells], justify="left"),
        *([Column("perturbation", [cell.perturbation for cell in cells], justify="left")] if perturbed else []),
        _count_column(cells),
        Column("rate (95 %)", [format_rate(cell.success) for cell in cells], style="bold", legend=RATE_LEGEND),
        *([Column("vs. none", differences, style="bold", legend=f"{PAIRED_LEGEND} (95 %)")] if perturbed else []),
        *_mae_columns("offline MAE", summary, cells),
        *_phrases_columns(cells),
        *(_metric_column(metric, cells, place) for place, metric in enumerate(table_metrics(), 2)),
        replace(_failures_column(cells), fill=partial(_list_failures, cells)),
    ]


def make_narrow_columns(summary: Summary, cells: Sequence[CellSummary]) -> list[Column]:
    """Make the columns for a narrow console: without metrics, and with perturbations below their scenarios."""
    scenarios, rates = [cell.scenario for cell in cells], [format_rate(cell.success) for cell in cells]
    if summary.is_perturbed:
        scenarios = [f"{cell.scenario}\n{cell.perturbation}" for cell in cells]
        rates = [f"{format_rate(cell.success)}\n{format_difference(cell.paired)}" for cell in cells]
    return [
        _policy_column(cells),
        Column("scenario", [text.replace("+", "\n+") for text in scenarios], justify="left", folds=True),
        _count_column(cells),
        Column(
            "rate (95 %)",
            rates,
            style="bold",
            legend=f"{RATE_LEGEND}; below it {PAIRED_LEGEND}" if summary.is_perturbed else RATE_LEGEND,
        ),
        *_mae_columns("MAE", summary, cells),
        _failures_column(cells),
    ]


def _policy_column(cells: Sequence[CellSummary]) -> Column:
    return Column("policy", [cell.policy + ("*" if cell.privileged else "") for cell in cells], justify="left")


def _count_column(cells: Sequence[CellSummary]) -> Column:
    counts = [f"{cell.success.k}/{cell.success.n}" for cell in cells]
    return Column("success", counts, style="bold", legend=SUCCESS_LEGEND)


def _mae_columns(heading: str, summary: Summary, cells: Sequence[CellSummary]) -> list[Column]:
    """The offline error, where any was asked for."""
    errors = [format_offline_mae(summary, cell) for cell in cells]
    return [Column(heading, errors, style="bold cyan", legend=MAE_LEGEND)] if summary.offline else []


def _phrases_columns(cells: Sequence[CellSummary]) -> list[Column]:
    """Success on seen and on unseen phrases, where that is known."""
    texts = [format_phrases(cell.phrases) for cell in cells]
    return [Column(PHRASES_HEADING, texts, 1, legend=PHRASES_LEGEND)] if set(texts) != {"-"} else []


def _metric_column(metric: Metric, cells: Sequence[CellSummary], drop_order: int) -> Column:
    means = [format_number(cell.metrics.get(metric.name), metric.template) for cell in cells]
    return Column(metric.heading, means, drop_order, legend=metric_legend(metric))


def _failures_column(cells: Sequence[CellSummary]) -> Column:
    lines = _list_failures(cells, FAILURES_WIDTH)
    return Column("failures", lines, justify="left", min_width=FAILURES_WIDTH, folds=True, legend=FAILURES_LEGEND)


def _list_failures(cells: Sequence[CellSummary], width: int) -> list[str]:
    return [format_failures(cell.failures, width) or "-" for cell in cells]


def format_failures(failures: Mapping[str, int], width: int) -> str:
    """Format failures and their counts in lines of at most ``width`` characters."""
    words = ", ".join(f"{kind}~{count}" for kind, count in failures.items())
    return "\n".join(textwrap.wrap(words, width, break_on_hyphens=False)).replace("~", " ")


def rank_cells(cells: Sequence[CellSummary]) -> list[CellSummary]:
    """Sort cells by success, best first; perturbed cells follow the unperturbed one of their policy and scenario."""
    unperturbed: dict[tuple[str, str], float] = {}
    for cell in cells:  # in the order of the plan, so the unperturbed cell comes first
        unperturbed.setdefault((cell.policy, cell.scenario), cell.success.rate)
    return sorted(cells, key=lambda cell: -unperturbed[cell.policy, cell.scenario])


def format_offline_mae(summary: Summary, cell: CellSummary) -> str:
    """Format a cell's offline MAE; a dash where there is none."""
    score = summary.find_offline(cell.policy, cell.scenario)
    if score is None:
        return "-"
    return "error" if score.error is not None else format_number(score.mae, "{:.4f}")
