"""The jobs before the first episode: load each policy, check the renderer, and measure latencies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from scenarios.common.errors import InputError
from sim.evaluate.job_kinds import CheckPolicy, TimePolicy
from sim.results.codec import from_json
from sim.results.manifest import PolicyFacts
from sim.results.plan import RunPlan
from sim.results.provenance.facts import RendererFacts
from sim.rollout.latency import MEASURED
from sim.workers.job import Job, JsonObject
from sim.workers.processor import Processor


def make_preflight_jobs(plan: RunPlan, workers: int, dataset: str | None, timed: Collection[str] = ()) -> list[Job]:
    """Make the jobs that load each policy at least once and one policy in every worker, so that none warms up later.

    If latency is measured, each policy but the ``timed`` ones is then timed, one after the other, so that they don't
    disturb each other.
    """
    names = [plan.policies[index % len(plan.policies)] for index in range(max(len(plan.policies), workers))]
    jobs = [Job(f"load {name} ({index})", CheckPolicy(name, dataset)) for index, name in enumerate(names)]
    for name in plan.policies if plan.latency == MEASURED else ():
        if name not in timed:
            before = frozenset(job.name for job in jobs)
            work = TimePolicy(name, plan.scenarios[0], plan.suite_seed)
            jobs.append(Job(f"time {name}", work, after=before))
    return jobs


class PreflightChecks:
    """Collects the properties of the policies and the renderer.

    Args:
        renderer: The requested renderer: "auto", "gl", "gpu" or "tiny".
    """

    def __init__(self, renderer: str) -> None:
        self.policies: dict[str, PolicyFacts] = {}
        self.latency_s: dict[str, float] = {}
        self.renderer = RendererFacts(renderer, applied="", device="")
        self.processors: list[Processor] = []  # of each job's worker
        self.fallback = ""  # why another renderer than OpenGL was taken
        self.failure: str | None = None
        self.doubts: dict[str, None] = {}  # about policies, each once, in order

    def part(self, job: Job, part: JsonObject) -> None:
        """Do nothing: loading has no parts."""

    def done(self, job: Job, result: JsonObject) -> None:
        """Keep what a job found out."""
        match job.work:
            case TimePolicy(policy=policy):
                self.latency_s[policy] = result["latency_s"]
            case CheckPolicy(policy=policy):
                self._keep_policy(policy, from_json(PolicyFacts, result["policy"], job.name))
                self._keep_renderer(result)
                self.fallback = result["fallback"]
                self.doubts.update(dict.fromkeys(result.get("doubts", ())))
                self.processors.append(from_json(Processor, result["processor"], job.name))

    def _keep_policy(self, policy: str, found: PolicyFacts) -> None:
        known = self.policies.setdefault(policy, found)
        if known != found:
            raise InputError(
                f"workers run policy '{policy}' differently, one by {known.runtime or 'no network'} and one by "
                f"{found.runtime or 'no network'}: give all of them the same files and the same device"
            )

    def _keep_renderer(self, result: JsonObject) -> None:
        found = replace(self.renderer, applied=result["renderer"], device=result["device"])
        if self.renderer.applied and self.renderer != found:
            raise InputError(
                f"workers use different renderers, {self.renderer.applied} on {self.renderer.device} and "
                f"{found.applied} on {found.device}: choose one with --renderer"
            )
        self.renderer = found

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """Keep the reason."""
        self.failure = f"{job.name} took longer than {seconds:g} s"

    def failed(self, job: Job, reason: str) -> None:
        """Keep the reason."""
        self.failure = f"{job.name}: {reason.strip()}"
