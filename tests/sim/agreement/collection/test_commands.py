"""Laws of the commands that a unit still needs."""

from __future__ import annotations

import json

import pytest

from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from sim.agreement.collection.commands import list_cheap_metrics, name_suite, plan_drive, plan_scores
from sim.evaluate.options import make_parser
from sim.offline.__main__ import make_parser as make_offline_parser
from sim.offline.metrics.registry import OFFLINE_METRICS

from ...claims.unit_runs import write_run
from .unit_results import make_facts, make_score, write_scores

UNIT = make_facts("u-1000")


def test_cheap_metrics_ask_the_policy_once_about_each_frame():
    needs = {metric.name: set(metric.needs) for metric in OFFLINE_METRICS}
    cheap = list_cheap_metrics()
    assert {"mae", "rmse", "skill_hold"} <= set(cheap)
    assert all(needs[name] <= {"labels", "scenes"} for name in cheap)
    assert not {"pseudo_simulation", "on_policy_mae", "vision_use", "on_time"} & set(cheap)


def test_a_unit_is_driven_by_its_own_name_with_its_flags(tmp_path):
    unit = make_facts("u-1000-compiled", policy="u-1000", flags=("--compile", "export"))
    file = tmp_path / "night.yaml"
    file.write_text("scenarios: [corridor]\n")
    job = plan_drive(unit, tmp_path / "pop", tmp_path, str(file))
    options = make_parser().parse_args(job.command[3:])
    assert options.policy == (f"u-1000-compiled={tmp_path / 'pop' / 'u-1000'}",)
    assert (options.suite, options.compile, options.resume) == (str(file), "export", False)
    assert job.out == tmp_path / "night" / "u-1000-compiled"


def test_a_suite_file_has_the_name_that_it_states(tmp_path):
    """Tables know it by that name, so that what they hold isn't driven again."""
    file = tmp_path / "night.yaml"
    file.write_text("name: dark\nscenarios: [corridor]\n")
    assert name_suite(str(file)) == "dark"
    assert plan_drive(make_facts("u-1000", suites={"dark": "c"}), tmp_path, tmp_path, str(file)) is None
    assert plan_drive(UNIT, tmp_path, tmp_path, str(file)).out == tmp_path / "dark" / "u-1000"


def test_a_suite_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match=r"unknown suite 'populatio': did you mean 'population'.*or give a .yaml file"):
        name_suite("populatio")
    with pytest.raises(InputError, match=r"night.yaml': there is no such file"):
        name_suite(str(tmp_path / "night.yaml"))


def test_a_complete_run_is_not_driven_again_and_a_begun_one_is_finished(tmp_path):
    run = write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    summary = json.loads((run / "summary.json").read_text())
    (run / "summary.json").write_text(json.dumps(summary | {"complete": True}))
    assert plan_drive(UNIT, tmp_path, tmp_path, "population") is None
    (run / "summary.json").unlink()
    job = plan_drive(UNIT, tmp_path, tmp_path, "population")
    assert make_parser().parse_args(job.command[3:]).resume


def test_a_run_with_other_weights_is_no_result_of_the_unit(tmp_path):
    run = write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["policies"]["u-1000"]["weights"] = "abc"
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="driven with other weights than 'u-1000' has now: delete it"):
        plan_drive(make_facts("u-1000", weights_sha256="def"), tmp_path, tmp_path, "population")


def test_a_suite_that_the_tables_have_of_a_unit_is_not_driven_again(tmp_path):
    unit = make_facts("u-1000", suites={"population": "c"})
    assert plan_drive(unit, tmp_path, tmp_path, "population") is None
    assert plan_drive(unit, tmp_path, tmp_path, "population-disturbed")


def test_metrics_that_the_tables_have_of_a_unit_are_not_asked_for(tmp_path):
    stored = [("mae", "corridor"), ("rmse", "corridor"), ("rmse", "doorway")]
    assert plan_scores(UNIT, tmp_path, tmp_path, ("mae", "rmse"), 5, {"corridor"}, stored) is None
    job = plan_scores(UNIT, tmp_path, tmp_path, ("mae", "rmse"), 5, {"doorway"}, stored)
    assert make_offline_parser().parse_args(job.command[3:]).metrics == ("mae",)


def test_scenarios_that_were_driven_since_are_scored_alone(tmp_path):
    stored = [("mae", "doorway"), ("rmse", "doorway"), ("mae", "corridor")]
    driven = ["corridor", "doorway", "rooms"]
    options = make_offline_parser().parse_args(
        plan_scores(UNIT, tmp_path, tmp_path, ("mae", "rmse"), 5, driven, stored).command[3:]
    )
    assert (options.scenario, options.metrics) == (("rooms",), ("mae", "rmse"))  # rmse isn't defined in corridor


def test_a_unit_is_scored_in_the_scenarios_that_it_drove(tmp_path):
    options = [
        make_offline_parser().parse_args(plan_scores(UNIT, tmp_path, tmp_path, ("mae",), 5, driven).command[3:])
        for driven in ({"my/hall.yaml", "corridor"}, set(SCENARIOS))
    ]
    assert [each.scenario for each in options] == [("corridor", "my/hall.yaml"), ("all",)]
    assert plan_scores(UNIT, tmp_path, tmp_path, ("mae",), 5, ()) is None


def test_only_metrics_that_a_unit_has_no_scores_of_are_asked_for(tmp_path):
    job = plan_scores(UNIT, tmp_path, tmp_path, ("mae", "rmse"), 5, SCENARIOS)
    options = make_offline_parser().parse_args(job.command[3:])
    assert (options.metrics, options.episodes, options.scenario) == (("mae", "rmse"), 5, ("all",))
    write_scores(job.out, "u-1000", [make_score("mae", [0.1])])
    later = plan_scores(UNIT, tmp_path, tmp_path, ("mae", "rmse"), 5, {"corridor"})
    assert make_offline_parser().parse_args(later.command[3:]).metrics == ("rmse",)
    assert later.out != job.out
    write_scores(later.out, "u-1000", [make_score("rmse", [0.1])])
    assert plan_scores(UNIT, tmp_path, tmp_path, ("mae", "rmse"), 5, {"corridor"}) is None
