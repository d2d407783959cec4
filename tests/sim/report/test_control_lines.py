from __future__ import annotations

from dataclasses import replace

from rows import FACTS, PLAN, make_rows

from sim.analysis.summary import summarise_run
from sim.report.control_lines import control_lines


def test_policies_that_are_asked_alike_stand_in_one_line_and_an_older_run_says_nothing() -> None:
    facts = {name: replace(each, period_s=0.2, chunk=8, replan=4) for name, each in FACTS.items()}
    (line,) = control_lines(summarise_run(PLAN, make_rows(), [], facts))
    assert line.endswith("replan horizon 4 of 8 actions")
    assert all(name in line for name in PLAN.policies)
    summary = summarise_run(PLAN, make_rows(), [], facts)
    assert control_lines(replace(summary, cells=tuple(replace(cell, period_s=None) for cell in summary.cells))) == []
