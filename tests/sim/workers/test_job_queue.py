from sim.workers.job import ClaimResult, Job
from sim.workers.job_queue import MAX_TRIES, JobQueue


class Failures(dict):
    def failed(self, job, reason):
        self[job.name] = reason


FIRST, SECOND, THIRD = Job("first", 1), Job("second", 2, after=frozenset(["first"])), Job("third", 3)


def test_a_job_waits_for_those_that_it_comes_after_and_others_overtake_it():
    queue = JobQueue([FIRST, SECOND, THIRD], Failures())
    assert [queue.next_job(), queue.next_job(), queue.next_job()] == [FIRST, THIRD, None]
    queue.mark_finished(FIRST)
    assert queue.next_job() == SECOND
    queue.mark_finished(SECOND)
    assert not queue.is_over
    queue.mark_finished(THIRD)
    assert queue.is_over


def test_a_job_is_tried_again_at_once_and_given_up_with_those_after_it():
    queue = JobQueue([FIRST, SECOND, THIRD], failures := Failures())
    for number in range(MAX_TRIES):
        assert queue.next_job() == FIRST
        assert not failures
        queue.retry_or_give_up(FIRST, f"died {number}", ready=True)
    assert failures == {"first": f"died {MAX_TRIES - 1}", "second": "'first' must be done first and failed"}
    assert queue.next_job() == THIRD


def test_workers_that_never_get_ready_end_everything():
    queue = JobQueue([FIRST, THIRD], failures := Failures())
    for _ in range(MAX_TRIES):
        queue.retry_or_give_up(None, "no display", ready=False)
    assert failures == dict.fromkeys(("first", "third"), "no worker could start: no display")
    assert queue.is_over


def test_a_job_that_others_do_is_passed_over_and_one_that_they_have_done_is_finished():
    states = {FIRST.name: ClaimResult.TAKEN, SECOND.name: ClaimResult.OURS, THIRD.name: ClaimResult.OURS}
    queue = JobQueue([FIRST, SECOND, THIRD], Failures(), lambda job: states[job.name])
    assert [queue.next_job(), queue.next_job()] == [THIRD, None]
    states[FIRST.name] = ClaimResult.DONE
    assert queue.next_job() is None  # it just learnt that the first is done, which the second waited for
    assert queue.next_job() == SECOND
    for job in (SECOND, THIRD):
        queue.mark_finished(job)
    assert queue.is_over
