"""One run as its parent process sees it: what is to be done, and what becomes of each job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from scenarios.common.errors import InputError
from sim.analysis.summary import summarise_run
from sim.console.progress import ProgressBar
from sim.evaluate.job_kinds import CheckPolicy, DriveBlock, RecordHeldOut, ScoreOffline, TimePolicy
from sim.results.folder import RunFolder
from sim.results.offline_log import OfflineScoreLog
from sim.results.plan import RunPlan
from sim.results.row import EpisodeRow, policy_fault_row, row_key
from sim.rollout.latency import MEASURED
from sim.workers.job import Job, JsonObject


def make_preflight_jobs(plan: RunPlan, workers: int, dataset: str | None, timed: Collection[str] = ()) -> list[Job]:
    """Each policy is loaded once, and every worker loads one, so that none has to warm up later.

    Where latency is measured, each policy but the ``timed`` ones is then timed, one after the other, so that none of
    ours disturbs it.
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
    """Hears what the policies and the renderer turned out to be."""

    def __init__(self) -> None:
        self.policies: dict[str, JsonObject] = {}
        self.latency_s: dict[str, float] = {}
        self.renderer: dict[str, str] = {}
        self.failure: str | None = None

    def part(self, job: Job, part: JsonObject) -> None:
        """Loading has no parts."""

    def done(self, job: Job, result: JsonObject) -> None:
        match job.work:
            case TimePolicy(policy=policy):
                self.latency_s[policy] = result["latency_s"]
            case CheckPolicy(policy=policy):
                self.policies[policy] = result["policy"]
                self._keep_renderer(result)

    def _keep_renderer(self, result: JsonObject) -> None:
        applied = {"applied": result["renderer"], "device": result["device"]}
        if self.renderer and self.renderer != applied:
            raise InputError(
                f"workers drew with different renderers, {self.renderer} and {applied}: name one by --renderer"
            )
        self.renderer = applied

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        self.failure = f"{job.name} took longer than {seconds:g} s"

    def failed(self, job: Job, reason: str) -> None:
        self.failure = f"{job.name}: {reason.strip()}"


class EvaluationRun:
    """Hears how blocks and offline scores went, and writes it down as it comes.

    Args:
        plan: What is to be done.
        folder: Where it is written.
        datasets: Where the offline error is taken: held-out demonstrations by scenario, or a folder that stands for
            all scenarios (under None); empty for no offline error.
    """

    def __init__(self, plan: RunPlan, folder: RunFolder, datasets: Mapping[str | None, str | None]) -> None:
        self.plan = plan
        self.folder = folder
        self.failures = 0
        self._datasets = datasets
        self._offline_log = OfflineScoreLog(folder.path)
        earlier = [*folder.read_offline_entries(), *self._offline_log.entries()]
        self._offline = {(entry["policy"], entry["scenario"]): entry for entry in earlier}
        self._seen = set(folder.rows)
        self._progress = ProgressBar(total=len(plan.cells) * plan.episodes, done=len(folder.rows))

    def pending_jobs(self) -> list[Job]:
        """What is still to be done: held-out sets first, as others wait for them."""
        out = self.folder.path.absolute()
        policies = self.folder.manifest["policies"]
        blocks = [
            Job(block.name, DriveBlock(block, policies[block.cell.policy]["latency_s"]), out)
            for block in self.plan.blocks
            if not self.folder.has_block(block)
        ]
        return [*self._offline_jobs(), *blocks]

    def _offline_jobs(self) -> list[Job]:
        jobs: list[Job] = []
        for scenario, dataset in self._datasets.items():
            missing = [policy for policy in self.plan.policies if not self._is_scored(policy, scenario)]
            recorded: frozenset[str] = frozenset()
            if missing and dataset is None and scenario is not None:
                jobs.append(Job(f"held-out demonstrations of {scenario}", RecordHeldOut(scenario)))
                recorded = frozenset([jobs[-1].name])
            for policy in missing:
                name = f"offline error of {policy} on {scenario or dataset}"
                jobs.append(Job(name, ScoreOffline(policy, scenario, dataset), after=recorded))
        return jobs

    def _is_scored(self, policy: str, scenario: str | None) -> bool:
        entry = self._offline.get((policy, scenario))
        return entry is not None and not entry.get("error")

    def describe_missing(self) -> str | None:
        """What is not there yet, in words; None if all is. A policy's own fault is a result, not a gap."""
        total = len(self.plan.cells) * self.plan.episodes
        episodes = total - len(self.folder.rows_in_order(self.plan))
        errors = sum(
            (policy, scenario) not in self._offline for policy in self.plan.policies for scenario in self._datasets
        )
        gaps = [f"{episodes} of {total} episodes"] if episodes else []
        gaps += [f"{errors} offline error{'s' * (errors > 1)}"] if errors else []
        return " and ".join(gaps) or None

    def part(self, job: Job, part: JsonObject) -> None:
        if isinstance(job.work, DriveBlock):
            self._count([part])

    def done(self, job: Job, result: JsonObject) -> None:
        match job.work:
            case DriveBlock():
                self._write(result["rows"])
            case ScoreOffline() as work:
                self._add_offline(work, result["entry"])

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        error = f"no answer within {seconds:g} s"
        match job.work:
            case DriveBlock(block=block):
                finished = {row["episode"]: row for row in parts}
                self._write([finished.get(e.number) or policy_fault_row(block.cell, e, error) for e in block.episodes])
            case ScoreOffline() as work:
                self._add_offline(work, {"error": error})

    def failed(self, job: Job, reason: str) -> None:
        self.failures += 1
        self.folder.log_failed_job(job.name, reason)
        self._progress.print_line(f"{job.name}: {reason.strip().splitlines()[-1]}")

    def _add_offline(self, work: ScoreOffline, entry: JsonObject) -> None:
        where = {"policy": work.policy, "scenario": work.scenario, "dataset": work.dataset or "held-out"}
        self._offline[work.policy, work.scenario] = {**where, **entry}
        self._offline_log.add(self._offline[work.policy, work.scenario])

    def _write(self, rows: list[EpisodeRow]) -> None:
        self.folder.append(rows)
        self._count(rows)

    def _count(self, rows: Sequence[EpisodeRow]) -> None:
        for row in rows:
            if row_key(row) not in self._seen:
                self._seen.add(row_key(row))
                self._progress.advance(row)

    def close(self) -> None:
        """Nothing more is coming."""
        self._progress.close()

    def delete_offline_log(self) -> None:
        """The summary is written: what was kept until then isn't needed any longer."""
        self._offline_log.delete()

    def summarise(self) -> dict[str, Any]:
        """What is there so far, summed up; offline entries in the order of the plan."""
        order = {name: position for position, name in enumerate(self.plan.policies)}
        offline = sorted(self._offline.values(), key=lambda entry: (entry["scenario"] or "", order[entry["policy"]]))
        return summarise_run(self.plan, self.folder.rows_in_order(self.plan), offline, self.folder.manifest["policies"])
