"""Printing of findings as tables, and their form as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from policies.check.findings import FAULT, MISMATCH, NOTE, CheckFinding, Conformity

SCHEMA = 1
STYLES: dict[str, str] = {"ok": "green", FAULT: "bold red", NOTE: "yellow", "MATCH": "green", MISMATCH: "bold red"}


@dataclass(frozen=True)
class CheckReport:
    """Everything that was found.

    Attributes:
        policy: As typed.
        findings: Those of the contract.
        dataset: The data set's folder; None if there was none to compare with.
        conformity: The comparison with the data set.
    """

    policy: str
    findings: tuple[CheckFinding, ...]
    dataset: str | None = None
    conformity: tuple[Conformity, ...] = ()

    @property
    def fault_count(self) -> int:
        """Number of faults of the contract."""
        return sum(finding.verdict == FAULT for finding in self.findings)

    @property
    def mismatch_count(self) -> int:
        """Number of mismatches with the data set."""
        return sum(each.verdict == MISMATCH for each in self.conformity)

    @property
    def is_clean(self) -> bool:
        """Whether there is neither a fault nor a mismatch."""
        return not self.fault_count and not self.mismatch_count


def to_json_text(report: CheckReport) -> str:
    """Format a report as JSON of schema 1."""
    return json.dumps({"schema": SCHEMA, "is_clean": report.is_clean, **asdict(report)}, indent=2, ensure_ascii=False)


def print_report(report: CheckReport, console: Console) -> None:
    """Print the tables of a report, and a line that sums it up."""
    console.print(_tabulate_findings(report))
    if report.dataset is not None:
        console.print(_tabulate_conformity(report))
    console.print(summarise_report(report))


def summarise_report(report: CheckReport) -> str:
    """Sum a report up in one line."""
    checked = [finding for finding in report.findings if finding.verdict != "not checked"]
    faults, notes = report.fault_count, sum(finding.verdict == NOTE for finding in checked)
    left_out = len(report.findings) - len(checked)
    line = f"{report.policy}: {_count(faults, 'fault')} and {_count(notes, 'note')} in {_count(len(checked), 'check')}"
    if left_out:
        line += f", {left_out} not checked"
    if report.dataset is not None:
        line += f"; {_count(report.mismatch_count, 'mismatch', 'mismatches')} with {report.dataset}"
    return escape(line)


def _tabulate_findings(report: CheckReport) -> Table:
    table = Table(title=escape(f"Contract of {report.policy}"), title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("check", "verdict", "what was found"):
        table.add_column(heading, no_wrap=heading != "what was found")
    for finding in report.findings:
        text = escape(finding.evidence)
        if finding.remedy and finding.verdict in (FAULT, NOTE):
            text += f"\n[dim]-> {escape(finding.remedy)}[/]"
        table.add_row(finding.check, _mark(finding.verdict), text)
    return table


def _tabulate_conformity(report: CheckReport) -> Table:
    table = Table(title=escape(f"Conformance with {report.dataset}"), title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("item", "verdict", "live", "data set", "how it was found"):
        table.add_column(heading, no_wrap=heading in ("item", "verdict"))
    for each in report.conformity:
        row = (each.live, each.declared or "-", each.evidence)
        table.add_row(each.item, _mark(each.verdict), *map(escape, row))
    return table


def _mark(verdict: str) -> str:
    style = STYLES.get(verdict, "dim")
    return f"[{style}]{verdict}[/]"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
