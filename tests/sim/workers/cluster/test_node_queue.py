"""A lost node says little about its job: the job is done again, but not for ever."""

from __future__ import annotations

from sim.workers.cluster.node_queue import MOST_LOSSES, NodeJobQueue
from sim.workers.job import Job

JOBS = [Job("first", 1), Job("second", 2), Job("third", 3, after=frozenset({"first"}))]


class Heard:
    def __init__(self):
        self.failures = {}

    def failed(self, job, reason):
        self.failures[job.name] = reason


def test_a_lost_job_is_done_again_before_others():
    queue = NodeJobQueue(JOBS, Heard())
    first = queue.next_job()
    queue.return_lost(first, "its node was lost")
    assert [queue.next_job(), queue.next_job()] == JOBS[:2]
    queue.mark_finished(first)
    assert queue.next_job() == JOBS[2]


def test_a_job_that_loses_every_node_is_given_up_with_those_after_it():
    queue = NodeJobQueue(JOBS, heard := Heard())
    for _ in range(MOST_LOSSES):
        assert queue.next_job() == JOBS[0]
        queue.return_lost(JOBS[0], "its node was lost")
    assert queue.next_job() == JOBS[1]
    assert heard.failures["first"] == f"its node was lost, {MOST_LOSSES} times"
    assert "'first' must be done first" in heard.failures["third"]
    queue.mark_finished(JOBS[1])
    assert queue.is_over


def test_all_that_waits_is_given_up_and_what_is_being_done_is_not():
    queue = NodeJobQueue(JOBS, heard := Heard())
    lost, busy = queue.next_job(), queue.next_job()
    queue.return_lost(lost, "its node was lost")
    queue.give_up_waiting("no node")
    assert set(heard.failures) == {"first", "third"}
    assert not queue.is_over
    queue.mark_finished(busy)
    assert queue.is_over
