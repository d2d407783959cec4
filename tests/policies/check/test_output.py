"""Reports are summed up in one line, and printed as they are, whatever is in them."""

from __future__ import annotations

import json

from rich.console import Console

from policies.check.findings import CheckFinding, Conformity
from policies.check.output import CheckReport, print_report, summarise_report, to_json_text

REPORT = CheckReport(
    "./[odd]/mine.py:It",
    (
        CheckFinding("shape", "fault", "shape [2]", "return [n, 3]"),
        CheckFinding("speed", "note", "slow"),
        CheckFinding("live", "not checked", "why"),
    ),
    "data",
    (Conformity("image size", "1x1", "2x2", "MISMATCH"), Conformity("period", "0.1 s", "", "UNDECLARED")),
)


def test_the_last_line_counts_everything() -> None:
    console = Console(width=140, record=True, emoji=False)
    print_report(REPORT, console)
    text = console.export_text()
    expected = "./[odd]/mine.py:It: 1 fault and 1 note in 2 checks, 1 not checked; 1 mismatch with data"
    assert text.splitlines()[-1] == expected
    assert "shape [2]" in text
    assert "-> return [n, 3]" in text


def test_a_report_is_clean_without_faults_and_mismatches() -> None:
    assert not REPORT.is_clean
    assert not CheckReport("it", REPORT.findings[1:], "data", REPORT.conformity[:1]).is_clean
    clean = CheckReport("it", REPORT.findings[1:], "data", REPORT.conformity[1:])
    assert clean.is_clean
    assert json.loads(to_json_text(clean))["is_clean"]
    assert "0 mismatches" in summarise_report(clean)
