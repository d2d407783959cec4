"""Laws of a run's bookkeeping: nothing is dropped without a word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, MANIFEST, PLAN, make_offline, make_row

from scenarios.lookup import get_scenario
from sim.evaluate.job_kinds import DriveBlock, RecordHeldOut, ScoreOffline
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.results.codec import to_json
from sim.results.folder import EpisodeRows, RunFolder
from sim.results.run_files import iterate_rows
from sim.results.summary.offline_score import HELD_OUT, OfflineScore


@pytest.fixture
def folder(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as made:
        yield made


class Counted:
    """Progress that keeps what it is told."""

    def __init__(self):
        self.started, self.episodes, self.lines = None, [], []

    def start(self, *, total, done):
        self.started = (total, done)

    def advance(self, row):
        self.episodes.append(row.episode)

    def print_line(self, text):
        self.lines.append(text)

    def close(self): ...


def open_run(folder, datasets, progress=None):
    return EvaluationRun(PLAN, folder, datasets, progress or Counted())


def entry(policy, mae=0.1):
    """A score as a worker sends it."""
    return to_json(make_offline(policy, mae))


def finish(run, jobs):
    for job in jobs:
        match job.work:
            case DriveBlock(block=block):
                for episode in block.episodes:
                    run.part(job, to_json(make_row(block.cell.policy, episode.number, "success")))
                run.done(job, {"filmed": []})
            case ScoreOffline(policy=policy):
                run.done(job, {"entry": entry(policy)})
            case _:
                run.done(job, {"dataset": "somewhere"})


def kinds(jobs):
    return [type(job.work) for job in jobs]


def offline_jobs(run):
    return [job for job in run.pending_jobs() if isinstance(job.work, ScoreOffline)]


def test_jobs_are_all_blocks_and_an_offline_error_per_policy_after_its_demonstrations(folder):
    jobs = open_run(folder, {"corridor": None}).pending_jobs()
    assert kinds(jobs) == [RecordHeldOut, *[ScoreOffline] * 2, *[DriveBlock] * 4]
    assert {job.after for job in jobs if isinstance(job.work, ScoreOffline)} == {frozenset([jobs[0].name])}
    assert len({job.name for job in jobs}) == len(jobs)


def test_a_data_set_given_by_hand_stands_for_all_scenarios_and_needs_no_making(folder):
    jobs = open_run(folder, {None: "/data"}).pending_jobs()
    assert kinds(jobs) == [*[ScoreOffline] * 2, *[DriveBlock] * 4]
    assert all(not job.after for job in jobs)


def test_nothing_is_missing_when_every_job_is_done(folder):
    run = open_run(folder, {"corridor": None})
    assert run.describe_missing() == "24 of 24 episodes and 2 offline errors"
    finish(run, run.pending_jobs())
    assert run.describe_missing() is None
    assert run.pending_jobs() == []
    assert run.summarise().complete
    assert [score.policy for score in run.summarise().offline] == ["good", "bad"]


def test_a_policy_that_hangs_fails_the_episodes_it_held_up_and_keeps_the_others(folder):
    run = open_run(folder, {})
    job = run.pending_jobs()[0]
    run.hung(job, to_json([make_row("good", 2, "success"), make_row("good", 7, "collision")]), 60.0)
    statuses = [row.status for row in folder.rows_in_order(PLAN)]
    assert statuses == ["policy-fault"] * 2 + ["success"] + ["policy-fault"] * 4 + ["collision"] + ["policy-fault"] * 2
    first = folder.rows_in_order(PLAN)[0]
    assert first.error == "the policy did not return within 60 s"
    world = get_scenario("corridor").world(0, 0)
    assert first.phrase == world.phrase is not None
    assert first.instruction == world.instruction
    assert job not in run.pending_jobs()


def drive(run, job, numbers):
    for number in numbers:
        run.part(job, to_json(make_row("good", number, "success")))


def test_rows_are_written_in_order_and_at_once_when_their_block_is_done(folder):
    run = open_run(folder, {})
    job = run.pending_jobs()[0]
    drive(run, job, reversed(range(10)))
    assert folder.rows_in_order(PLAN) == []
    run.done(job, {"filmed": [0, 3]})
    assert [row.episode for row in iterate_rows(folder.path)] == list(range(10))
    assert [row.episode for row in iterate_rows(folder.path) if row.video] == [0, 3]
    assert folder.rows_in_order(PLAN)[3].video == "videos/good-corridor-none-0003-success.mp4"


def test_an_episode_is_counted_once_however_often_its_block_is_driven(folder):
    progress = Counted()
    run = open_run(folder, {}, progress)
    job = run.pending_jobs()[0]
    drive(run, job, [4, 2])  # then its worker died, and another begins again
    drive(run, job, range(10))
    run.done(job, {"filmed": []})
    assert sorted(progress.episodes) == list(range(10))
    assert folder.count_rows(PLAN) == 10


def test_what_a_half_written_block_held_is_not_counted_again(folder):
    folder.append([make_row("good", number, "success") for number in range(4)])
    progress = Counted()
    run = open_run(folder, {}, progress)
    job = run.pending_jobs()[0]
    drive(run, job, range(10))
    run.done(job, {"filmed": []})
    assert (progress.started, progress.episodes) == ((24, 4), list(range(4, 10)))


def test_a_policy_that_hangs_offline_has_an_error_for_a_number(folder):
    run = open_run(folder, {"corridor": None})
    run.hung(offline_jobs(run)[0], [], 5.0)
    assert run.summarise().offline[0] == OfflineScore(
        "good", "corridor", HELD_OUT, error="the policy did not return within 5 s"
    )
    assert run.describe_missing() == "24 of 24 episodes and 1 offline error"


def test_a_job_that_could_not_be_done_is_told_logged_and_missing(folder):
    progress = Counted()
    run = open_run(folder, {}, progress)
    run.failed(run.pending_jobs()[0], "Traceback\nRuntimeError: the disk is full")
    assert run.failures == progress.lines == [f"{PLAN.blocks[0].name}: RuntimeError: the disk is full"]
    assert "the disk is full" in (folder.path / "faults.log").read_text()
    assert run.describe_missing() == "24 of 24 episodes"


def test_a_summary_names_the_version_and_the_scenarios_that_it_was_made_with(folder):
    summary = open_run(folder, {}).summarise()
    assert (summary.version, summary.scenarios) == ("0.1.0", {"corridor": "abc"})


def test_each_block_is_driven_with_the_latency_that_the_manifest_holds(tmp_path):
    policies = {**FACTS, "bad": replace(FACTS["bad"], latency_s=0.125)}
    with RunFolder(tmp_path / "run", replace(MANIFEST, policies=policies), resume=False) as folder:
        jobs = open_run(folder, {}).pending_jobs()
    assert [job.work.latency_s for job in jobs] == [0.0, 0.0, 0.125, 0.125]


def test_an_offline_score_outlives_a_run_that_was_killed(folder):
    run = open_run(folder, {"corridor": None})
    scored = offline_jobs(run)[0]
    run.done(scored, {"entry": entry("good", 0.1)})
    again = open_run(folder, {"corridor": None})  # without any summary written in between
    assert [job.work.policy for job in offline_jobs(again)] == ["bad"]
    assert again.summarise().offline == run.summarise().offline


def test_once_the_summary_is_written_nothing_else_is_left(folder):
    run = open_run(folder, {"corridor": None})
    before = sorted(path.name for path in folder.path.iterdir())
    run.done(offline_jobs(run)[0], {"entry": entry("good")})
    run.delete_offline_log()
    assert sorted(path.name for path in folder.path.iterdir()) == before


def test_a_policy_that_could_not_be_scored_is_tried_again_by_the_next_sitting(folder):
    run = open_run(folder, {"corridor": None})
    run.hung(offline_jobs(run)[0], [], 5.0)
    again = open_run(folder, {"corridor": None})
    assert [job.work.policy for job in offline_jobs(again)] == ["good", "bad"]
    finish(again, again.pending_jobs())
    scores = open_run(folder, {"corridor": None}).summarise().offline
    assert [score.error for score in scores] == [None, None]


def test_a_run_in_memory_has_the_same_jobs_without_a_folder_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = open_run(EpisodeRows(MANIFEST), {"corridor": None})
    jobs = run.pending_jobs()
    assert {job.out for job in jobs} == {None}
    finish(run, jobs)
    run.delete_offline_log()
    assert run.describe_missing() is None
    assert len(run.rows.rows_in_order(PLAN)) == 24
    assert list(tmp_path.iterdir()) == []


def test_a_policy_that_fails_in_every_episode_is_named_with_its_first_reason(folder):
    run = open_run(folder, {})
    assert run.describe_policy_failure() is None
    folder.append([make_row("good", number, "policy-fault", error=f"no {number}") for number in range(2)])
    folder.append([make_row("bad", number, "policy-fault" if number else "stuck", error="no") for number in range(2)])
    assert run.describe_policy_failure() == "policy 'good' failed in each of its 2 episodes: no 0"
