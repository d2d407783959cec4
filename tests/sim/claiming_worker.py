"""A worker of the test of claims: it claims jobs and writes a line for each into a file of its own.

Run as ``python claiming_worker.py FOLDER NAME COUNT LEASE_S [stop]``; with "stop" it stops in its first job, for ever.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from sim.evaluate.shards.claims import JobClaims
from sim.workers.job import Job
from sim.workers.job_queue import JobQueue


class Nothing:
    def failed(self, job, reason): ...


def work(folder: Path, name: str, count: int, lease_s: float, stop: bool) -> None:
    queue_of = [Job(f"block {number}", number) for number in range(count)]
    with JobClaims(folder / "claims", name, lease_s) as claims, (folder / f"{name}.rows").open("ab", 0) as rows:
        queue = JobQueue(queue_of, Nothing(), claims.claim)
        while not queue.is_over:
            if (job := queue.next_job()) is None:
                time.sleep(0.02)
                continue
            if stop:
                os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(0.002)
            rows.write(f"{job.work}\n".encode())
            claims.finish(job)
            queue.mark_finished(job)


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), "stop" in sys.argv)
