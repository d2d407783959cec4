"""Laws of what ``evaluate`` returns."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from rows import FACTS, MANIFEST, PLAN, make_offline, make_rows

from scenarios.common.errors import InputError
from sim.analysis.summary import summarise_run
from sim.evaluate.api.results import EvaluationResults
from sim.results.plan import RunPlan
from sim.results.row import column_names

ALONE = RunPlan(("good",), ("corridor",), 12, 0)


def results(plan=PLAN, folder=None):
    rows = [row for row in make_rows() if row.policy in plan.policies]
    rows[0] = replace(rows[0], video="videos/a.mp4") if folder else rows[0]
    summary = summarise_run(plan, rows, [make_offline("good", 0.0312)], FACTS)
    return EvaluationResults(tuple(rows), summary, replace(MANIFEST, plan=plan.record()), folder)


def test_the_success_of_one_policy_has_its_interval_and_of_several_there_is_none():
    found = results(ALONE).success
    assert (found.k, found.n) == (11, 12)
    assert found.low < found.rate < found.high
    with pytest.raises(InputError, match="2 policies"):
        results().success  # noqa: B018


def test_the_short_and_the_long_description_name_each_cell():
    assert repr(results()) == (
        "EvaluationResults(good on corridor: 11/12, 92 % (63 to 100 %); bad on corridor: 0/12, 0 % (0 to 24 %))"
    )
    table = results()._repr_html_()
    assert table.count("<tr>") == 3
    assert "<td>11/12</td>" in table
    assert "0.0312" in table


def test_a_table_has_the_columns_of_the_rows():
    frame = results().to_pandas()
    assert tuple(frame.columns) == column_names()
    assert frame["success"].sum() == 11


def test_without_pandas_there_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="run pip install pandas"):
        results().to_pandas()


def test_a_report_links_to_the_videos_where_they_are(tmp_path):
    (tmp_path / "reports").mkdir()
    found = results(folder=tmp_path / "run")
    assert found.videos == (tmp_path / "run/videos/a.mp4",)
    path = found.report(tmp_path / "reports/mine.html")
    assert 'src="../run/videos/a.mp4"' in path.read_text()
    assert results().videos == ()
    with pytest.raises(InputError, match="there is no folder"):
        found.report(tmp_path / "absent/mine.html")
