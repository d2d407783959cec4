"""Which jobs are still to be done, in which order, and how often each was tried."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from sim.workers.job import Job, PoolListener

MAX_TRIES = 2


class JobQueue:
    """The jobs of one run of a pool."""

    def __init__(self, jobs: Sequence[Job], listener: PoolListener) -> None:
        self.listener = listener
        self._waiting = deque(jobs)
        self._open = {job.name for job in jobs}
        self._done: set[str] = set()
        self._tries: dict[str, int] = {}
        self._false_starts = 0

    @property
    def is_over(self) -> bool:
        return not self._open

    def next_job(self) -> Job | None:
        """Take the first waiting job whose predecessors are done."""
        for job in self._waiting:
            if job.after <= self._done:
                self._waiting.remove(job)
                return job
        return None

    def mark_finished(self, job: Job) -> None:
        self._open.discard(job.name)
        self._done.add(job.name)

    def retry_or_give_up(self, job: Job | None, reason: str, ready: bool) -> None:
        """Have a job whose worker went away without finishing it tried again by a fresh worker, once."""
        if job is None:
            self._false_starts += not ready
            if self._false_starts >= MAX_TRIES:
                for waiting in list(self._waiting):
                    self.give_up(waiting, f"no worker could start: {reason}")
            return
        self._tries[job.name] = self._tries.get(job.name, 0) + 1
        if self._tries[job.name] < MAX_TRIES:
            self._waiting.appendleft(job)
        else:
            self.give_up(job, reason)

    def give_up(self, job: Job, reason: str) -> None:
        """Report that a job won't be done, and neither will those that come after it."""
        self._open.discard(job.name)
        if job in self._waiting:
            self._waiting.remove(job)
        self.listener.failed(job, reason)
        for waiting in [other for other in self._waiting if job.name in other.after]:
            self.give_up(waiting, f"'{job.name}' comes first and failed")
