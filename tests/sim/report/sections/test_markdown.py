"""Laws of the report as Markdown."""

from __future__ import annotations

from dataclasses import replace

from rows import FACTS, MANIFEST, PERTURBED, make_offline, make_perturbed_rows

from sim.analysis.summary import summarise_run
from sim.report.sections.markdown import format_table, write_markdown


def test_verdict_policies_and_every_cell_are_there(tmp_path):
    summary = summarise_run(
        PERTURBED, make_perturbed_rows(), [make_offline("good", 0.0312), make_offline("bad", 0.2)], FACTS
    )
    manifest = replace(MANIFEST, plan=PERTURBED.record())
    write_markdown(tmp_path / "report.md", manifest, summary, summary.cells, tmp_path)
    text = (tmp_path / "report.md").read_text()
    assert "- **Highest success**: good: 11 of 12" in text
    (good,) = [line for line in text.splitlines() if line.startswith("| 1 | good | 92 % (")]
    assert good.endswith(" | 12 | 0.0312 | contestant |")
    assert "| policy | scenario | none | lighting=2+latency=1 | instruction=3 |" in text
    rows = [line for line in text.splitlines() if line.startswith(("| good | corridor", "| bad | corridor"))]
    assert len(rows) == 2


def test_every_row_has_as_many_fields_as_the_head():
    assert format_table(["a", "b"], [["1|2", "3"]]) == ["| a | b |", "| --- | --- |", "| 1\\|2 | 3 |"]
