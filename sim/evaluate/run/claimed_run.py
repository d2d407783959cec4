"""A run whose jobs are claimed one by one: each worker of a cluster has a folder of its own, and writes only there."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sim.evaluate.job_kinds import RecordHeldOut
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.shards.claims import LEASE_S, JobClaims
from sim.evaluate.shards.identity import check_same_evaluation, hash_evaluation
from sim.results.run_files import MANIFEST, read_manifest
from sim.workers.job import Job, JsonObject
from sim.workers.pool import WorkerPool


def new_claimant_folder(out: Path) -> Path:
    """Return a name for the folder of this process's rows, that no other process has, on any machine."""
    host = re.sub(r"[^\w-]+", "-", socket.gethostname())[:40]
    return out / f"claimed-{host}-{os.getpid()}-{os.urandom(4).hex()}"


def run_claimed(run: EvaluationRun, pool: WorkerPool, lease_s: float = LEASE_S) -> None:
    """Claim and do jobs until all of the run's are done, here or elsewhere.

    Args:
        run: The run, with a folder of its own beside those of the other workers.
        pool: Does the jobs.
        lease_s: Time without a heartbeat after which another worker's claim is taken over.

    Raises:
        InputError: The other folders are of another run.
    """
    own = run.rows.path
    assert own is not None  # a claimed run has a folder
    manifest = run.rows.manifest
    for path in sorted(own.parent.glob(f"*/{MANIFEST}")):
        if path.parent != own:
            check_same_evaluation(read_manifest(path.parent), path.parent, manifest, own)
    with JobClaims(own.parent / f"claims-{hash_evaluation(manifest)[:16]}", own.name, lease_s) as claims:
        # A worker records held-out demonstrations itself, where it needs them.
        jobs = [job for job in run.pending_jobs() if not isinstance(job.work, RecordHeldOut)]
        jobs = [replace(job, after=frozenset()) for job in jobs]
        listener = ClaimedRun(run, claims)
        try:
            pool.run(jobs, listener, claims.claim)
        finally:
            claims.refresh()
            run.leave_out([job for job in jobs if claims.is_done(job) and job.name not in listener.done_here])


class ClaimedRun:
    """Handles the results of claimed jobs: a claim is finished once the run has them on disk.

    Attributes:
        done_here: Names of the jobs that this process finished.
    """

    def __init__(self, run: EvaluationRun, claims: JobClaims) -> None:
        self._run = run
        self._claims = claims
        self.done_here: set[str] = set()

    def part(self, job: Job, part: JsonObject) -> None:
        """Keep a row."""
        self._run.part(job, part)

    def done(self, job: Job, result: JsonObject) -> None:
        """Write the results of a job, then finish its claim."""
        self._run.done(job, result)
        self._finish(job)

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """Write what a policy that hangs makes of its job, then finish its claim."""
        self._run.hung(job, parts, seconds)
        self._finish(job)

    def failed(self, job: Job, reason: str) -> None:
        """Log a job that could not be done here, and leave it to others."""
        self._run.failed(job, reason)
        self._claims.give_up(job)

    def _finish(self, job: Job) -> None:
        self.done_here.add(job.name)
        self._claims.finish(job)
