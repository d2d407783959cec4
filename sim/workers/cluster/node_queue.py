"""The queue of jobs whose nodes may be lost."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from sim.workers.job import Job, PoolListener
from sim.workers.job_queue import JobQueue

MOST_LOSSES = 5  # of the node of a job, which may be the job's doing


class NodeJobQueue(JobQueue):
    """A job whose node is lost is done again, before others; that says little about the job."""

    def __init__(self, jobs: Sequence[Job], listener: PoolListener) -> None:
        super().__init__(jobs, listener)
        self._lost: deque[Job] = deque()
        self._losses: Counter[str] = Counter()

    def next_job(self) -> Job | None:
        """Take the next job, as ``JobQueue`` does."""
        return self._lost.popleft() if self._lost else super().next_job()

    def return_lost(self, job: Job, reason: str) -> None:
        """Put a job whose node is lost back, or give it up after ``MOST_LOSSES``."""
        self._losses[job.name] += 1
        if self._losses[job.name] < MOST_LOSSES:
            self._lost.append(job)
        else:
            self.give_up(job, f"{reason}, {MOST_LOSSES} times")

    def give_up_waiting(self, reason: str) -> None:
        """Give up all jobs that nobody is doing."""
        while (job := self.next_job()) is not None:
            self.give_up(job, reason)
