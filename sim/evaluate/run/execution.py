"""A run from its request to its last episode: the same steps for the command and for Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from scenarios.common.files import write_text
from sim.evaluate.run.evaluation_run import EvaluationRun, Progress
from sim.evaluate.run.preflight import PreflightChecks, make_preflight_jobs
from sim.evaluate.run.request import EvaluationRequest
from sim.results.folder import EpisodeRows, RunFolder
from sim.results.manifest import describe_makers, describe_processors, make_manifest
from sim.results.plan import RunPlan
from sim.results.run_files import SUITE_FILE, read_manifest
from sim.rollout.latency import MEASURED
from sim.workers.job import Job, PoolListener

FALLBACK = (
    "the camera is drawn by PyBullet's TinyRenderer, about 20 times slower than OpenGL: {reason}. OpenGL without a GPU "
    "needs only packages: 'apt-get install libegl1 libgl1-mesa-dri' on Debian and Ubuntu, 'dnf install mesa-libEGL "
    "mesa-dri-drivers' on Fedora"
)


class JobPool(Protocol):
    """What does jobs: worker processes, Ray actors, or this process."""

    def run(self, jobs: Sequence[Job], listener: PoolListener) -> None: ...


class NotStartedError(Exception):
    """The first episode couldn't be started, for a reason of the machine."""


def start_run(request: EvaluationRequest, pool: JobPool, workers: int, progress: Progress) -> EvaluationRun:
    """Check the policies and the renderer, and open the run.

    Args:
        request: What to do.
        pool: Does the jobs.
        workers: Number of its workers.
        progress: Is told of each episode.

    Raises:
        InputError: Something can't be used as asked.
        NotStartedError: A policy or the renderer can't be loaded for a reason of the machine.
    """
    plan, offline = request.plan, request.offline
    checks, timed = PreflightChecks(request.settings.renderer), _previous_latencies(request)
    pool.run(make_preflight_jobs(plan, workers, offline.dataset, timed), checks)
    if checks.failure:
        raise NotStartedError(checks.failure)
    latency_s: Mapping[str, float] = {**_given_latencies(plan), **checks.latency_s, **timed}
    manifest = make_manifest(
        command=request.command,
        plan=plan,
        renderer=checks.renderer,
        policies={name: replace(checks.policies[name], latency_s=latency_s[name]) for name in plan.policies},
        offline=offline,
        processors=checks.processors,
        suite=request.suite,
    )
    manifest = replace(manifest, shard=request.shard)
    rows = EpisodeRows(manifest)
    if request.out is not None:
        rows = RunFolder(request.out, manifest, resume=request.resume, anyway=request.resume_anyway)
    if rows.path is not None and request.suite_text:
        write_text(rows.path / SUITE_FILE, request.suite_text)
    run = EvaluationRun(plan, rows, request.datasets, progress, request.films, request.part)
    run.warnings.extend((*rows.warnings, *checks.doubts))
    if checks.fallback:
        run.warnings.append(FALLBACK.format(reason=checks.fallback))
    for warning in (describe_makers(rows.manifest), describe_processors(rows.manifest)):
        if warning is not None:
            run.warnings.append(warning)
    return run


def _given_latencies(plan: RunPlan) -> dict[str, float]:
    """Return the latency of each policy if it is given; empty if it is to be measured."""
    return {} if plan.latency == MEASURED else dict.fromkeys(plan.policies, float(plan.latency))


def _previous_latencies(request: EvaluationRequest) -> dict[str, float]:
    """Return the latencies that the interrupted run measured: a resumed run keeps one number per policy."""
    if not request.resume or request.out is None or request.plan.latency != MEASURED:
        return {}
    return {name: facts.latency_s for name, facts in read_manifest(request.out).policies.items()}
