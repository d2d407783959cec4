"""The final table: offline error beside success, best success first, and where everything lies."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from sim.row import Row
from sim.run_folder import REPORT, ROWS

PLAIN_WIDTH = 140  # without a terminal: always the same, so that two logs can be compared
NARROW = 125  # below this the less important columns give way
FLOORS = ("zero", "mean", "median", "hold")


def print_table(summary: Mapping[str, Any], folder: Path, rows: Sequence[Row], console: Console | None = None) -> None:
    """Print what a run came to.

    Args:
        summary: The contents of ``summary.json``.
        folder: The run's.
        rows: Its episodes.
        console: Where to; standard output by default.
    """
    console = console or standard_console()
    console.print(results(summary, narrow=console.width < NARROW))
    for line in privileged_lines(summary) + floor_lines(summary) + agreement_lines(summary) + place_lines(folder, rows):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def standard_console() -> Console:
    """Standard output; without a terminal, plain text of a fixed width."""
    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH, no_color=True, highlight=False)


def results(summary: Mapping[str, Any], *, narrow: bool = False) -> Table:
    """One line per policy and scenario."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    cells = sorted(summary["cells"], key=lambda cell: -cell["success"]["rate"])
    perturbed = any(cell["perturbation"] != "none" for cell in cells)
    table.add_column("policy", no_wrap=True)
    table.add_column("scenario", no_wrap=True)
    if perturbed:
        table.add_column("perturbation", no_wrap=True)
    table.add_column("success", justify="right", no_wrap=True, style="bold")
    table.add_column("rate (95 %)", justify="right", no_wrap=True, style="bold")
    table.add_column("MAE" if narrow else "offline MAE", justify="right", no_wrap=True, style="bold cyan")
    if not narrow:
        table.add_column("on-policy MAE", justify="right", no_wrap=True)
        table.add_column("SPL", justify="right", no_wrap=True)
        table.add_column("time", justify="right", no_wrap=True)
        table.add_column("answer", justify="right", no_wrap=True)
    table.add_column("failures", min_width=15)
    for cell in cells:
        success = cell["success"]
        middle = (
            number(cell["on_policy_mae"], "{:.3f}"),
            number(cell["spl"], "{:.2f}"),
            number(cell["time_s"], "{:.1f} s"),
            number(cell["policy_ms"], "{:.2f} ms"),
        )
        table.add_row(
            cell["policy"] + ("*" if cell["privileged"] else ""),
            cell["scenario"],
            *([cell["perturbation"]] if perturbed else []),
            f"{success['k']}/{success['n']}",
            rate(success),
            offline_mae(summary, cell),
            *([] if narrow else middle),
            ("\n" if narrow else ", ").join(f"{kind} {count}" for kind, count in cell["failures"].items()) or "-",
        )
    return table


def number(value: float | None, form: str) -> str:
    """A number in words, or a dash where there is none."""
    return "-" if value is None else form.format(value)


def rate(success: Mapping[str, Any]) -> str:
    """A success rate with its interval, in whole percent."""
    return f"{100 * success['rate']:.0f} % ({100 * success['low']:.0f} to {100 * success['high']:.0f} %)"


def offline_entry(summary: Mapping[str, Any], policy: str, scenario: str) -> Mapping[str, Any] | None:
    """The offline score that stands beside a cell: of its own scenario, or of a data set given by hand."""
    for entry in summary["offline"]:
        if entry["policy"] == policy and entry["scenario"] in (scenario, None):
            return dict(entry)
    return None


def offline_mae(summary: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    entry = offline_entry(summary, cell["policy"], cell["scenario"])
    if entry is None:
        return "-"
    return "error" if entry.get("error") else number(entry.get("mae"), "{:.4f}")


def privileged_lines(summary: Mapping[str, Any]) -> list[str]:
    """What the star means, if there is one."""
    starred = any(cell["privileged"] for cell in summary["cells"])
    return ["* sees the true map: a ceiling, not a contestant"] if starred else []


def floor_lines(summary: Mapping[str, Any]) -> list[str]:
    """What the offline error of no policy at all is, per data set; a policy's means little without it."""
    lines = []
    for entry in {entry["scenario"]: entry for entry in summary["offline"] if entry.get("floors")}.values():
        floors = ", ".join(f"{name} {entry['floors'][name]:.4f}" for name in FLOORS if name in entry["floors"])
        where = entry["scenario"] or entry["dataset"]
        frames = f"{entry['frames']} frames of {entry['episodes']} held-out demonstrations"
        lines.append(f"offline MAE floors on {where} ({frames}): {floors}")
    for entry in summary["offline"]:
        if entry.get("error"):
            lines.append(f"offline error of {entry['policy']}: {entry['error']}")
    return lines


def agreement_lines(summary: Mapping[str, Any]) -> list[str]:
    """Whether offline error ranked the policies as success did."""
    lines = []
    for found in summary["agreement"]["scenarios"]:
        if found["spearman"] is not None:
            spread = "" if found["low"] is None else f", 95 % from {found['low']:.2f} to {found['high']:.2f}"
            lines.append(
                f"agreement on {found['scenario']}: Spearman of offline MAE and success over {found['policies']} "
                f"policies {found['spearman']:+.2f}{spread} (-1: MAE ranks them perfectly)"
            )
    return lines


def place_lines(folder: Path, rows: Sequence[Row]) -> list[str]:
    """Where the report, the rows and the videos lie, as paths from here."""
    videos = [row["video"] for row in rows if row["video"]]
    shown = Path(os.path.relpath(folder)) if folder.absolute().is_relative_to(Path.cwd()) else folder
    lines = [f"report: {shown / REPORT}", f"rows:   {shown / ROWS}"]
    if videos:
        more = f" and {len(videos) - 1} more beside it" if len(videos) > 1 else ""
        lines.append(f"video:  {shown / videos[0]}{more}")
    return lines
