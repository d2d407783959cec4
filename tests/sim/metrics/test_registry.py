"""Laws of the registry: a metric is one row, and everything that shows it follows."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from rows import FACTS, MANIFEST, PLAN, make_rows
from traces import make_trace, make_world, poses_of

from scenarios.common.errors import InputError
from sim.analysis.summary import summarise_run
from sim.metrics import registry
from sim.metrics.registry import METRICS, Metric, compute_metrics, episode_metrics, fault_metrics, metric_names
from sim.report.html import write_report
from sim.report.results_table import print_table
from sim.results.codec import to_json
from sim.results.row import column_names, read_row
from sim.results.run_files import write_parquet
from sim.rollout.episode import Outcome

TURNS = Metric(
    name="turns_rad",
    heading="turning",
    title="Turning",
    unit="rad",
    direction="lower",
    explanation="all that the robot turned, left and right",
    source="Doe 2031",
    compute=lambda episode: float(episode.outcome.steps),
    template="{:.1f} rad",
    fault_value=9.0,
)


@pytest.fixture
def with_turns(monkeypatch):
    monkeypatch.setattr(registry, "METRICS", (*METRICS, TURNS))


def test_the_columns_of_schema_1_keep_their_names_and_their_order():
    assert metric_names() == (
        *("time_s", "path_m", "optimal_m", "path_ratio", "time_ratio", "spl", "soft_spl", "ndtw", "clearance_m"),
        *("risk_s", "smoothness", "progress", "on_policy_mae", "policy_ms", "policy_call_ms"),
    )


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_explains_itself_and_its_format_has_its_unit(metric):
    assert metric.explanation
    assert not metric.explanation.endswith(".")
    assert metric.description.startswith(metric.title)
    assert metric.unit in metric.template.format(0.5)
    assert metric.name.endswith(f"_{metric.unit}" if metric.unit else "")


def test_no_two_metrics_share_a_name_a_heading_or_a_place():
    for claim in ("name", "heading", "table_place", "report_place", "episode_place"):
        claimed = [getattr(metric, claim) for metric in METRICS if getattr(metric, claim) is not None]
        assert len(set(claimed)) == len(claimed)


def test_a_metric_without_a_place_is_last_in_tables_and_missing_from_the_list_of_episodes(with_turns):
    assert registry.table_metrics()[-1] == registry.report_metrics()[-1] == TURNS
    assert TURNS not in episode_metrics()


def test_an_undefined_metric_is_none():
    found = compute_metrics(make_trace(poses_of(seconds=0.0)), make_world(), Outcome("policy-fault", 0, "raised"))
    assert found["smoothness"] is found["policy_ms"] is None
    assert found["path_m"] == 0.0


def test_an_episode_cut_short_by_a_policy_error_has_only_the_metrics_of_a_failure():
    assert {name: value for name, value in fault_metrics().items() if value is not None} == {
        "spl": 0.0,
        "soft_spl": 0.0,
    }


def test_a_new_row_is_computed_and_counted_where_a_policy_failed(with_turns):
    found = compute_metrics(make_trace(poses_of(seconds=0.5)), make_world(), Outcome("timeout", 5))
    assert found["turns_rad"] == 5.0
    assert fault_metrics()["turns_rad"] == 9.0


def test_a_new_row_is_a_column_of_both_tables_of_episodes(with_turns, tmp_path):
    rows = [replace(row, metrics={**row.metrics, "turns_rad": 2.5}) for row in make_rows()]
    assert column_names()[column_names().index("policy_call_ms") + 1] == "turns_rad"
    assert tuple(to_json(rows[0])) == column_names()
    assert read_row(json.loads(json.dumps(to_json(rows[0]))), "here") == rows[0]
    write_parquet(tmp_path / "t.parquet", rows)
    assert pq.read_table(tmp_path / "t.parquet").column("turns_rad").to_pylist() == [2.5] * len(rows)


def test_a_new_row_has_a_mean_a_heading_in_every_table_and_an_explanation_in_the_report(with_turns, tmp_path):
    rows = [replace(row, metrics={**row.metrics, "turns_rad": 2.5}) for row in make_rows() if row.policy == "bad"]
    plan = replace(PLAN, policies=("bad",))
    summary = summarise_run(plan, rows, [], FACTS)
    assert summary.cells[0].metrics["turns_rad"] == 2.5
    stream = io.StringIO()
    print_table(summary, Path("runs/x"), rows, Console(file=stream, width=240, no_color=True))
    heading, _, line, *_ = stream.getvalue().splitlines()
    assert " turning " in heading
    assert " 2.5 rad " in line
    write_report(tmp_path / "report.html", replace(MANIFEST, plan=plan.record()), summary, rows)
    text = (tmp_path / "report.html").read_text()
    told = "Turning (rad): all that the robot turned, left and right; lower is better (Doe 2031)"
    assert f'<th class="num" title="{told}">turning</th>' in text
    assert '<td class="num">2.5 rad</td>' in text


OWN = """
from sim.metrics.registry import Metric

def measure_waste(episode):
    return float(len(episode.trace.poses))

WASTE = Metric(
    name="waste_m", heading="waste", title="Waste", unit="m", direction="lower",
    explanation="a metric of the tests", compute=measure_waste, template="{:.1f} m",
)
TAKEN = Metric(
    name="spl", heading="x", title="x", unit="", direction="none", explanation="x",
    compute=measure_waste, template="{}",
)
BROKEN = Metric(
    name="broken", heading="y", title="y", unit="", direction="none", explanation="y",
    compute=lambda episode: 1 / 0, template="{}",
)
NUMBER = 1
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "METRICS", METRICS)
    monkeypatch.setattr(registry, "_REGISTERED", {})
    (tmp_path / "mine.py").write_text(OWN)
    return f"{tmp_path}/mine.py"


def test_a_user_defined_metric_is_registered_once(own):
    for _ in range(2):
        registry.register_metric(f"{own}:WASTE")
    assert metric_names() == (*(metric.name for metric in METRICS), "waste_m")
    found = compute_metrics(make_trace(poses_of(seconds=1.0)), make_world(), Outcome("timeout", 10))
    assert found["waste_m"] == 11.0
    assert column_names().count("waste_m") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("TAKEN", "its name 'spl' is not a Python identifier, or is already a column"),
        ("NUMBER", "is a int, not a sim.metrics.registry.Metric"),
        ("WAST", "did you mean 'WASTE'"),
    ],
)
def test_an_invalid_user_defined_metric_is_an_error_of_one_sentence(name, sentence, own):
    with pytest.raises(InputError, match=sentence):
        registry.register_metric(f"{own}:{name}")


def test_an_error_in_a_user_defined_metric_names_its_line(own):
    registry.register_metric(f"{own}:BROKEN")
    with pytest.raises(InputError, match=r"metric 'broken' failed: ZeroDivisionError.* \(mine.py, line"):
        compute_metrics(make_trace(poses_of(seconds=1.0)), make_world(), Outcome("timeout", 10))


def test_no_metric_can_take_the_name_of_another_column(monkeypatch):
    monkeypatch.setattr(registry, "METRICS", ())
    assert set(column_names()) <= set(registry.OTHER_COLUMNS)


def test_metrics_may_be_registered_for_a_context_only():
    before = registry.metric_names()
    with registry.registered_metrics([TURNS]):
        assert registry.metric_names() == (*before, "turns_rad")
        assert registry.register_metric("turns_rad") is registry.register_metric(TURNS)
    assert registry.metric_names() == before
    with pytest.raises(InputError), registry.registered_metrics([TURNS, "absent.py:NAME"]):
        pass
    assert registry.metric_names() == before
