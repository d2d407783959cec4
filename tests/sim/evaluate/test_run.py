"""Laws of a run's bookkeeping: nothing is dropped without a word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, MANIFEST, PLAN, make_offline, make_row

from scenarios.common.errors import InputError
from sim.evaluate.run import EvaluationRun, PreflightChecks, make_preflight_jobs
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.manifest import RendererFacts
from sim.results.offline_score import HELD_OUT, OfflineScore
from sim.workers.pool import Job


@pytest.fixture
def folder(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as made:
        yield made


def entry(policy, mae=0.1):
    """A score as a worker sends it."""
    return to_json(make_offline(policy, mae))


def finish(run, units):
    for unit in units:
        if unit.kind == "block":
            block = unit.arguments["block"]
            numbers = range(block["first"], block["first"] + block["count"])
            for number in numbers:
                run.part(unit, to_json(make_row(block["cell"]["policy"], number, "success")))
            run.done(unit, {"filmed": []})
        elif unit.kind == "offline":
            run.done(unit, {"entry": entry(unit.arguments["policy"])})
        else:
            run.done(unit, {"dataset": "somewhere"})


def test_units_are_all_blocks_and_an_offline_error_per_policy_after_its_demonstrations(folder):
    units = EvaluationRun(PLAN, folder, {"corridor": None}).pending_jobs()
    assert [unit.kind for unit in units] == ["held-out", "offline", "offline", *["block"] * 4]
    assert {unit.after for unit in units if unit.kind == "offline"} == {frozenset([units[0].name])}
    assert len({unit.name for unit in units}) == len(units)


def test_a_data_set_given_by_hand_stands_for_all_scenarios_and_needs_no_making(folder):
    units = EvaluationRun(PLAN, folder, {None: "/data"}).pending_jobs()
    assert [unit.kind for unit in units] == ["offline", "offline", *["block"] * 4]
    assert all(not unit.after for unit in units)


def test_nothing_is_missing_when_every_unit_is_done(folder):
    run = EvaluationRun(PLAN, folder, {"corridor": None})
    assert run.describe_missing() == "24 of 24 episodes and 2 offline errors"
    finish(run, run.pending_jobs())
    assert run.describe_missing() is None
    assert run.pending_jobs() == []
    assert run.summarise().complete
    assert [score.policy for score in run.summarise().offline] == ["good", "bad"]


def test_a_policy_that_hangs_fails_the_episodes_it_held_up_and_keeps_the_others(folder):
    run = EvaluationRun(PLAN, folder, {})
    unit = run.pending_jobs()[0]
    run.hung(unit, to_json([make_row("good", 2, "success"), make_row("good", 7, "collision")]), 60.0)
    statuses = [row.status for row in folder.rows_in_order(PLAN)]
    assert statuses == ["policy-fault"] * 2 + ["success"] + ["policy-fault"] * 4 + ["collision"] + ["policy-fault"] * 2
    assert folder.rows_in_order(PLAN)[0].error == "no answer within 60 s"
    assert unit not in run.pending_jobs()


def drive(run, unit, numbers):
    for number in numbers:
        run.part(unit, to_json(make_row("good", number, "success")))


def test_rows_are_written_in_order_and_at_once_when_their_block_is_done(folder):
    run = EvaluationRun(PLAN, folder, {})
    unit = run.pending_jobs()[0]
    drive(run, unit, reversed(range(10)))
    assert folder.rows_in_order(PLAN) == []
    run.done(unit, {"filmed": [0, 3]})
    assert [row.episode for row in folder.rows.values()] == list(range(10))
    assert [row.episode for row in folder.rows.values() if row.video] == [0, 3]
    assert folder.rows_in_order(PLAN)[3].video == "videos/good-corridor-none-0003-success.mp4"


def test_an_episode_is_counted_once_however_often_its_block_is_driven(folder, monkeypatch):
    run = EvaluationRun(PLAN, folder, {})
    counted = []
    monkeypatch.setattr(run._progress, "advance", lambda row: counted.append(row.episode))
    unit = run.pending_jobs()[0]
    drive(run, unit, [4, 2])  # then its worker died, and another begins again
    drive(run, unit, range(10))
    run.done(unit, {"filmed": []})
    assert sorted(counted) == list(range(10))
    assert len(folder.rows) == 10


def test_what_a_half_written_block_held_is_not_counted_again(folder, monkeypatch):
    folder.append([make_row("good", number, "success") for number in range(4)])
    run = EvaluationRun(PLAN, folder, {})
    counted = []
    monkeypatch.setattr(run._progress, "advance", lambda row: counted.append(row.episode))
    unit = run.pending_jobs()[0]
    drive(run, unit, range(10))
    run.done(unit, {"filmed": []})
    assert counted == list(range(4, 10))


def test_a_policy_that_hangs_offline_has_an_error_for_a_number(folder):
    run = EvaluationRun(PLAN, folder, {"corridor": None})
    run.hung(next(unit for unit in run.pending_jobs() if unit.kind == "offline"), [], 5.0)
    assert run.summarise().offline[0] == OfflineScore("good", "corridor", HELD_OUT, error="no answer within 5 s")
    assert run.describe_missing() == "24 of 24 episodes and 1 offline error"


def test_a_unit_that_could_not_be_done_is_told_logged_and_missing(folder, capsys):
    run = EvaluationRun(PLAN, folder, {})
    run.failed(run.pending_jobs()[0], "Traceback\nRuntimeError: the disk is full")
    assert "the disk is full" in capsys.readouterr().err
    assert "the disk is full" in (folder.path / "faults.log").read_text()
    assert run.describe_missing() == "24 of 24 episodes"


def test_each_policy_is_loaded_and_every_worker_loads_one():
    assert [unit.arguments["policy"] for unit in make_preflight_jobs(PLAN, 5, None)] == [
        "good",
        "bad",
        "good",
        "bad",
        "good",
    ]
    assert [unit.arguments["policy"] for unit in make_preflight_jobs(PLAN, 1, None)] == ["good", "bad"]


def test_workers_that_draw_with_different_renderers_are_refused():
    checks, unit = PreflightChecks("auto"), Job("load", "check", {"policy": "good"})
    policy = to_json(FACTS["good"])
    checks.done(unit, {"renderer": "gl", "device": "llvmpipe", "policy": policy})
    assert checks.policies == {"good": FACTS["good"]}
    assert checks.renderer == RendererFacts("auto", "gl", "llvmpipe")
    with pytest.raises(InputError, match="different renderers, gl on llvmpipe and tiny on cpu"):
        checks.done(unit, {"renderer": "tiny", "device": "cpu", "policy": policy})


def test_measuring_latency_comes_after_all_loading_one_policy_at_a_time():
    units = make_preflight_jobs(replace(PLAN, latency="measured"), 3, None)
    loads, (first, second) = units[:3], units[3:]
    assert [unit.kind for unit in units] == ["check", "check", "check", "time", "time"]
    assert first.after == {unit.name for unit in loads}
    assert second.after == {*first.after, first.name}
    assert first.arguments == {"policy": "good", "scenario": "corridor", "suite_seed": 0}


def test_what_an_earlier_sitting_timed_is_not_timed_again():
    units = make_preflight_jobs(replace(PLAN, latency="measured"), 1, None, timed={"good": 0.1})
    assert [unit.name for unit in units if unit.kind == "time"] == ["time bad"]
    assert all(unit.kind == "check" for unit in make_preflight_jobs(replace(PLAN, latency=0.3), 1, None))


def test_each_block_is_driven_with_the_latency_that_the_manifest_holds(tmp_path):
    policies = {**FACTS, "bad": replace(FACTS["bad"], latency_s=0.125)}
    with RunFolder(tmp_path / "run", replace(MANIFEST, policies=policies), resume=False) as folder:
        units = EvaluationRun(PLAN, folder, {}).pending_jobs()
    assert [unit.arguments["latency_s"] for unit in units] == [0.0, 0.0, 0.125, 0.125]


def test_checks_keep_what_was_measured():
    checks = PreflightChecks("auto")
    checks.done(Job("time good", "time", {"policy": "good"}), {"latency_s": 0.02})
    assert (checks.latency_s, checks.policies) == ({"good": 0.02}, {})


def test_an_offline_score_outlives_a_run_that_was_killed(folder):
    run = EvaluationRun(PLAN, folder, {"corridor": None})
    scored = next(unit for unit in run.pending_jobs() if unit.kind == "offline")
    run.done(scored, {"entry": entry("good", 0.1)})
    again = EvaluationRun(PLAN, folder, {"corridor": None})  # without any summary written in between
    assert [unit.arguments["policy"] for unit in again.pending_jobs() if unit.kind == "offline"] == ["bad"]
    assert again.summarise().offline == run.summarise().offline


def test_once_the_summary_is_written_nothing_else_is_left(folder):
    run = EvaluationRun(PLAN, folder, {"corridor": None})
    before = sorted(path.name for path in folder.path.iterdir())
    run.done(next(unit for unit in run.pending_jobs() if unit.kind == "offline"), {"entry": entry("good")})
    run.delete_offline_log()
    assert sorted(path.name for path in folder.path.iterdir()) == before


def test_a_policy_that_could_not_be_scored_is_tried_again_by_the_next_sitting(folder):
    run = EvaluationRun(PLAN, folder, {"corridor": None})
    run.hung(next(unit for unit in run.pending_jobs() if unit.kind == "offline"), [], 5.0)
    again = EvaluationRun(PLAN, folder, {"corridor": None})
    assert [unit.arguments["policy"] for unit in again.pending_jobs() if unit.kind == "offline"] == ["good", "bad"]
    finish(again, again.pending_jobs())
    scores = EvaluationRun(PLAN, folder, {"corridor": None}).summarise().offline
    assert [score.error for score in scores] == [None, None]
