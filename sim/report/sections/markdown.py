"""The report as Markdown: verdict, ranking and heat map, for a README or a comment on a pull request."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from scenarios.common.files import write_text
from sim.console.formatting import format_number, format_rate
from sim.report.sections.heat_map import HeatMap, make_heat_map
from sim.report.sections.verdict import find_population, list_findings
from sim.results.manifest import Manifest
from sim.results.summary.agreement import PolicyResult
from sim.results.summary.rates import SuccessRate
from sim.results.summary.summary import CellSummary, Summary


def write_markdown(
    path: Path, manifest: Manifest, summary: Summary, cells: Sequence[CellSummary], folder: Path
) -> None:
    """Write the report of a run as Markdown.

    Args:
        path: The file.
        manifest: Manifest of the run.
        summary: Summary of the run.
        cells: Its cells, those of the best policies first.
        folder: Folder of the run.
    """
    plan, lines = manifest.plan, ["# Closed-loop evaluation", ""]
    lines += [f"{plan.episodes} episodes a cell, seed {plan.suite_seed}, {manifest.started}.", ""]
    if not summary.complete:
        lines += ["**This run is incomplete: some episodes are missing.**", ""]
    findings = list_findings(summary, find_population(folder))
    lines += [f"- **{finding.question}**: {finding.answer}." for finding in findings]
    lines += ["", "## Policies", "", *_list_policies(summary.agreement.rows)]
    heat_map = make_heat_map(cells)
    if heat_map is not None:
        lines += ["", "## Success by scenario and perturbation", "", *_list_rates(heat_map)]
    command = shlex.join(manifest.command)
    write_text(path, "\n".join([*lines, "", "## Command", "", "```text", command, "```", ""]))


def _list_policies(results: Sequence[PolicyResult]) -> list[str]:
    head = ["rank", "policy", "success (95 %)", "episodes", "offline MAE", "kind"]
    rows = [
        [
            format_number(result.ranks.success, "{:d}"),
            result.policy,
            _rate(result.success),
            "-" if result.success is None else str(result.success.n),
            "-" if result.mae is None else f"{result.mae.mean:.4f}",
            result.kind,
        ]
        for result in results
    ]
    return format_table(head, rows)


def _list_rates(heat_map: HeatMap) -> list[str]:
    rows = [
        [policy, scenario, *map(_rate, heat_map.rates[policy][place])]
        for policy in heat_map.policies
        for place, scenario in enumerate(heat_map.scenarios)
    ]
    return format_table(["policy", "scenario", *heat_map.perturbations], rows)


def _rate(success: SuccessRate | None) -> str:
    return "-" if success is None else format_rate(success)


def format_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Format a table of Markdown; a bar in a field doesn't end it."""
    fields = [head, ["---"] * len(head), *([field.replace("|", "\\|") for field in row] for row in rows)]
    return [f"| {' | '.join(row)} |" for row in fields]
