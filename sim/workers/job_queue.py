"""The queue of pending jobs: their order, their predecessors and the number of tries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from sim.workers.job import ClaimResult, Job, PoolListener

MAX_TRIES = 2


class JobQueue:
    """The jobs of one run of a pool.

    Args:
        jobs: The jobs.
        listener: Handles those that are given up.
        claim: Claims a job before it is started, where other processes may do it, too; None if there are none.
    """

    def __init__(
        self, jobs: Sequence[Job], listener: PoolListener, claim: Callable[[Job], ClaimResult] | None = None
    ) -> None:
        self.listener = listener
        self._claim = claim
        self._waiting = deque(jobs)
        self._open = {job.name for job in jobs}
        self._done: set[str] = set()
        self._tries: dict[str, int] = {}
        self._false_starts = 0

    @property
    def is_over(self) -> bool:
        """True if every job is finished or given up."""
        return not self._open

    def next_job(self) -> Job | None:
        """Take the first waiting job whose predecessors are done and that nobody else is doing; None if there is none.

        Jobs that others have done are finished.
        """
        found, done = None, []
        for job in self._waiting:
            if job.after <= self._done:
                result = ClaimResult.OURS if self._claim is None else self._claim(job)
                if result is ClaimResult.OURS:
                    found = job
                    break
                done += [job] if result is ClaimResult.DONE else []
        for job in done:
            self._waiting.remove(job)
            self.mark_finished(job)
        if found is not None:
            self._waiting.remove(found)
        return found

    def mark_finished(self, job: Job) -> None:
        """Mark a job as done, so that its successors can start."""
        self._open.discard(job.name)
        self._done.add(job.name)

    def retry_or_give_up(self, job: Job | None, reason: str, ready: bool) -> None:
        """Put a job whose worker ended without finishing it back in the queue, or give it up after ``MAX_TRIES``.

        Without a job, count a worker that ended before it was ready; ``MAX_TRIES`` of these give up all jobs.
        """
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
        """Report a job, and those that depend on it, as failed."""
        self._open.discard(job.name)
        if job in self._waiting:
            self._waiting.remove(job)
        self.listener.failed(job, reason)
        for waiting in [other for other in self._waiting if job.name in other.after]:
            self.give_up(waiting, f"'{job.name}' must be done first and failed")
