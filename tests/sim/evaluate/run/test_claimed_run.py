"""Laws of a run whose jobs several processes claim, each with a folder of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import MANIFEST, PLAN, make_offline, make_row

from scenarios.common.errors import InputError
from sim.console.progress import EpisodeListener
from sim.evaluate.job_kinds import DriveBlock
from sim.evaluate.run.claimed_run import new_claimant_folder, run_claimed
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.merge.__main__ import main as merge
from sim.results import read_run
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.workers.job_queue import JobQueue


class Pool:
    """Does at most so many jobs at once in this process, then leaves, as one that is interrupted."""

    def __init__(self, most=100, fails=()):
        self.most, self.fails, self.names = most, fails, []

    def run(self, jobs, listener, claim):
        queue = JobQueue(jobs, listener, claim)
        while len(self.names) < self.most and (job := queue.next_job()) is not None:
            self.names.append(job.name)
            if job.name in self.fails:
                queue.give_up(job, "the disk is full")
                continue
            if isinstance(job.work, DriveBlock):
                block = job.work.block
                for episode in block.episodes:
                    listener.part(job, to_json(make_row(block.cell.policy, episode.number, "success")))
                listener.done(job, {"filmed": []})
            else:
                listener.done(job, {"entry": to_json(make_offline(job.work.policy, 0.1))})
            queue.mark_finished(job)


def open_run(out, manifest=MANIFEST):
    manifest = replace(manifest, shard="claim")
    folder = RunFolder(new_claimant_folder(out), manifest, resume=False)
    return EvaluationRun(PLAN, folder, {"corridor": None}, EpisodeListener())


def test_each_job_is_done_by_one_and_both_folders_are_the_run(tmp_path):
    one, two, third = open_run(tmp_path / "run"), open_run(tmp_path / "run"), open_run(tmp_path / "run")
    run_claimed(one, first := Pool(most=3))
    assert one.describe_missing() == "14 of 24 episodes"
    run_claimed(two, second := Pool())
    assert len({*first.names, *second.names}) == len(first.names) + len(second.names) == 6
    assert two.describe_missing() is None
    run_claimed(third, nothing := Pool())
    assert (nothing.names, third.describe_missing()) == ([], None)
    for run in (one, two, third):
        run.rows.close()
    assert merge([str(tmp_path / "run"), "--out", str(tmp_path / "merged")]) == 0
    assert len(read_run(tmp_path / "merged").rows) == 24


def test_a_job_that_fails_here_is_left_to_others(tmp_path):
    one, two = open_run(tmp_path / "run"), open_run(tmp_path / "run")
    run_claimed(one, Pool(fails={PLAN.blocks[1].name}))
    assert one.describe_missing() == "2 of 24 episodes"
    assert len(one.failures) == 1
    run_claimed(two, pool := Pool())
    assert pool.names == [PLAN.blocks[1].name]
    assert two.describe_missing() is None


def test_a_worker_of_another_run_is_refused_and_the_difference_named(tmp_path):
    open_run(tmp_path / "run")
    other = open_run(tmp_path / "run", replace(MANIFEST, seeds=replace(MANIFEST.seeds, suite=7)))
    with pytest.raises(InputError, match=r"seeds\.suite"):
        run_claimed(other, Pool())


def test_no_two_processes_have_one_folder(tmp_path):
    assert len({new_claimant_folder(tmp_path) for _ in range(50)}) == 50
