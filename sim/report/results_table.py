"""What a run prints at its end: offline error beside success, best success first, and where everything lies."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from sim.console.console import print_plain_line, standard_console
from sim.console.formatting import format_difference, format_number, format_rate, format_signed
from sim.metrics.registry import table_metrics
from sim.offline.baselines import BASELINES
from sim.report.ranking_table import agreement_lines, data_lines, legend_lines, make_ranking_table
from sim.results.folder import REPORT, ROWS
from sim.results.row import EpisodeRow
from sim.results.summary import CellSummary, Summary

FAILURES_WIDTH = 15  # of the only column that goes on below: its longest word and a count


def print_table(summary: Summary, folder: Path, rows: Sequence[EpisodeRow], console: Console | None = None) -> None:
    """Print what a run came to: one policy by its cells, several as a ranking, and their cells only if perturbed.

    Args:
        summary: Of the run.
        folder: The run's.
        rows: Its episodes.
        console: Where to; standard output by default.
    """
    console = console or standard_console()
    several = len(summary.agreement.rows) > 1
    lines = [*paired_lines(summary), *latency_lines(summary), *language_lines(summary), *offline_error_lines(summary)]
    if not several or summary.is_perturbed:
        console.print(fit_results_table(summary, console))
    if several:
        if summary.is_perturbed:
            console.print()
        console.print(make_ranking_table(summary, console))
        lines = [*legend_lines(summary), *data_lines(summary), *lines, *agreement_lines(summary)]
    else:
        lines = [*privileged_lines(summary), *lines, *baseline_lines(summary)]
    for line in [*lines, *output_lines(folder, rows)]:
        print_plain_line(console, line)


def fit_results_table(summary: Summary, console: Console) -> Table:
    """The table with as many measures as the screen has room for; the failures get what is left of it."""
    boundless = console.options.update_width(10_000)
    for measures in range(len(table_metrics()), -1, -1):
        room = console.width - Measurement.get(console, boundless, make_results_table(summary, measures)).maximum
        if room >= 0:
            return make_results_table(summary, measures, FAILURES_WIDTH + room)
    return make_results_table(summary, 0, narrow=True)


def make_results_table(
    summary: Summary, measures: int, failures_width: int = FAILURES_WIDTH, *, narrow: bool = False
) -> Table:
    """One line per policy, scenario and perturbation.

    Args:
        summary: Of the run.
        measures: How many of the metrics to show, the most important first.
        failures_width: Letters after which the kinds of failures go on below.
        narrow: Put several things into one column, below each other.
    """
    cells = rank_cells(summary.cells)
    perturbed = summary.is_perturbed
    padding = (0, 1, 0, 0) if narrow else (0, 1)
    table = Table(box=box.SIMPLE_HEAD, padding=padding, pad_edge=False, show_edge=False)
    table.add_column("policy", no_wrap=True)
    table.add_column("scenario", no_wrap=not narrow, overflow="fold")
    if perturbed and not narrow:
        table.add_column("perturbation", no_wrap=True)
    table.add_column("success", justify="right", no_wrap=True, style="bold")
    table.add_column("rate (95 %)", justify="right", no_wrap=True, style="bold")
    if perturbed and not narrow:
        table.add_column("vs. none", justify="right", no_wrap=True, style="bold")
    table.add_column("MAE" if narrow else "offline MAE", justify="right", no_wrap=True, style="bold cyan")
    metrics = table_metrics()[:measures]
    for metric in metrics:
        table.add_column(metric.heading, justify="right", no_wrap=True)
    table.add_column("failures", min_width=FAILURES_WIDTH)
    for cell in cells:
        success = cell.success
        where = [cell.scenario, *([cell.perturbation] if perturbed else [])]
        much = [format_rate(success), *([format_difference(cell.paired)] if perturbed else [])]
        if narrow:
            where, much = ["\n".join(where).replace("+", "\n+")], ["\n".join(much)]
        table.add_row(
            cell.policy + ("*" if cell.privileged else ""),
            *where,
            f"{success.k}/{success.n}",
            *much,
            format_offline_mae(summary, cell),
            *(format_number(cell.metrics.get(metric.name), metric.template) for metric in metrics),
            format_failures(cell.failures, failures_width) or "-",
        )
    return table


def format_failures(failures: Mapping[str, int], width: int) -> str:
    """The kinds of failures with their counts, which stay beside them, in lines of that many letters."""
    words = ", ".join(f"{kind}~{count}" for kind, count in failures.items())
    return "\n".join(textwrap.wrap(words, width, break_on_hyphens=False)).replace("~", " ")


def rank_cells(cells: Sequence[CellSummary]) -> list[CellSummary]:
    """The best success first; what a policy comes to under perturbations follows what it comes to without."""
    unperturbed: dict[tuple[str, str], float] = {}
    for cell in cells:  # in the order of the plan, so without before with
        unperturbed.setdefault((cell.policy, cell.scenario), cell.success.rate)
    return sorted(cells, key=lambda cell: -unperturbed[cell.policy, cell.scenario])


def format_offline_mae(summary: Summary, cell: CellSummary) -> str:
    score = summary.find_offline(cell.policy, cell.scenario)
    if score is None:
        return "-"
    return "error" if score.error is not None else format_number(score.mae, "{:.4f}")


def privileged_lines(summary: Summary) -> list[str]:
    """What the star means, if there is one."""
    starred = any(cell.privileged for cell in summary.cells)
    return ["* sees the true map: a ceiling, not a contestant"] if starred else []


def paired_lines(summary: Summary) -> list[str]:
    """What the column of perturbed runs means."""
    sentence = "vs. none: success against the same episodes unperturbed, in percentage points (95 %)"
    return [sentence] if summary.is_perturbed else []


def latency_lines(summary: Summary) -> list[str]:
    """How long policies thought while the world went on, if any did."""
    thinking = {cell.policy: cell.latency_s for cell in summary.cells if cell.latency_s}
    return [f"{policy} thinks for {1e3 * s:.3g} ms while the world goes on" for policy, s in thinking.items()]


def language_lines(summary: Summary) -> list[str]:
    """Whether policies go where they are told, where that was probed."""
    lines = [
        f"language score of {found.policy} on {found.scenario}: {format_signed(found.score)} "
        f"(95 %: {format_signed(found.low)} to {format_signed(found.high)}), "
        f"{found.pairs} scenes under two instructions"
        for found in summary.language
    ]
    return (
        [*lines, "(+1: goes where it is told; 0: ignores the words; -1: goes where the other instruction leads)"]
        if lines
        else []
    )


def baseline_lines(summary: Summary) -> list[str]:
    """What the offline error of no policy at all is, per data set; a policy's means little without it."""
    lines = []
    for score in {score.scenario: score for score in summary.offline if score.baselines}.values():
        baselines = ", ".join(f"{name} {score.baselines[name]:.4f}" for name in BASELINES if name in score.baselines)
        frames = f"{score.frames} frames of {score.episodes} held-out demonstrations"
        lines.append(f"offline MAE of baselines on {score.source} ({frames}): {baselines}")
    return lines


def offline_error_lines(summary: Summary) -> list[str]:
    """What policies did wrong on recorded frames, each error once."""
    errors: dict[tuple[str, str], list[str]] = {}
    for score in summary.offline:
        if score.error is not None:
            errors.setdefault((score.policy, score.error), []).append(score.source)
    return [f"offline error of {policy} on {', '.join(where)}: {error}" for (policy, error), where in errors.items()]


def output_lines(folder: Path, rows: Sequence[EpisodeRow]) -> list[str]:
    """Where the report, the rows and the videos lie, as paths from here."""
    videos = [row.video for row in rows if row.video]
    shown = Path(os.path.relpath(folder)) if folder.absolute().is_relative_to(Path.cwd()) else folder
    lines = [f"report: {shown / REPORT}", f"rows:   {shown / ROWS}"]
    if videos:
        more = f" and {len(videos) - 1} more beside it" if len(videos) > 1 else ""
        lines.append(f"video:  {shown / videos[0]}{more}")
    return lines
