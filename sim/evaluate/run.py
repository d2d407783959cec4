"""The parent process's side of a run: the jobs that are pending, and the handling of their results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from scenarios.common.errors import InputError
from scenarios.perturbations import Perturbation, find_phrase_kind
from sim.analysis.summary import summarise_run
from sim.console.progress import ProgressBar
from sim.evaluate.job_kinds import CheckPolicy, DriveBlock, RecordHeldOut, ScoreOffline, TimePolicy
from sim.evaluate.offline_log import OfflineScoreLog
from sim.results.codec import from_json
from sim.results.folder import RunFolder
from sim.results.manifest import PolicyFacts, RendererFacts
from sim.results.offline_score import HELD_OUT, OfflineScore
from sim.results.plan import Block, RunPlan
from sim.results.row import EpisodeRow, policy_fault_row, read_row, video_path
from sim.results.summary import Summary
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
        self.failure: str | None = None
        self.warnings: dict[str, None] = {}  # each once, in order

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
                self.warnings.update(dict.fromkeys(result.get("warnings", ())))
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


class EvaluationRun:
    """Handles the results of blocks and offline scores, and writes them to disk as they arrive.

    Args:
        plan: The run's plan.
        folder: The run's folder.
        datasets: The data sets of the offline error: by scenario, None for its held-out demonstrations; or one folder
            for all scenarios, under None; empty for no offline error.
    """

    def __init__(self, plan: RunPlan, folder: RunFolder, datasets: Mapping[str | None, str | None]) -> None:
        self.plan = plan
        self.folder = folder
        self.failures = 0
        self._datasets = datasets
        self._offline_log = OfflineScoreLog(folder.path)
        earlier = [*folder.read_offline_scores(), *self._offline_log.read_scores()]
        self._offline = {(score.policy, score.scenario): score for score in earlier}
        self._ended: dict[str, dict[int, EpisodeRow]] = {}  # of blocks in progress, by block and episode number
        self._progress = ProgressBar(total=len(plan.cells) * plan.episodes, done=len(folder.rows))

    def pending_jobs(self) -> list[Job]:
        """Return the jobs that are not done yet; held-out sets come first, as others wait for them."""
        out = self.folder.path.absolute()
        policies = self.folder.manifest.policies
        blocks = [
            Job(block.name, DriveBlock(block, policies[block.cell.policy].latency_s), out)
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
        score = self._offline.get((policy, scenario))
        return score is not None and score.error is None

    def describe_missing(self) -> str | None:
        """Describe the missing results, None if there are none. A policy's error is a result."""
        total = len(self.plan.cells) * self.plan.episodes
        episodes = total - len(self.folder.rows_in_order(self.plan))
        errors = sum(
            (policy, scenario) not in self._offline for policy in self.plan.policies for scenario in self._datasets
        )
        gaps = [f"{episodes} of {total} episodes"] if episodes else []
        gaps += [f"{errors} offline error{'s' * (errors > 1)}"] if errors else []
        return " and ".join(gaps) or None

    def part(self, job: Job, part: JsonObject) -> None:
        """Keep a row of a block in progress."""
        if isinstance(job.work, DriveBlock):
            row = read_row(part, job.name)
            ended = self._ended.setdefault(job.name, {})
            if row.episode not in ended:  # a block whose worker died is driven again
                self._count(row)
            ended[row.episode] = row

    def done(self, job: Job, result: JsonObject) -> None:
        """Write the rows of a block, or an offline score."""
        match job.work:
            case DriveBlock(block=block):
                rows = self._ended.pop(job.name)
                for number in result["filmed"]:
                    rows[number] = replace(rows[number], video=video_path(rows[number]))
                self.folder.append([rows[episode.number] for episode in block.episodes])
            case ScoreOffline():
                self._add_offline(from_json(OfflineScore, result["entry"], job.name))

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """End the job's remaining episodes, or its offline score, with an error of the policy."""
        error = f"the policy did not return within {seconds:g} s"
        match job.work:
            case DriveBlock(block=block):
                for part in parts:
                    self.part(job, part)
                self._append_with_faults(block, self._ended.pop(job.name, {}), error)
            case ScoreOffline() as work:
                dataset = work.dataset or HELD_OUT
                self._add_offline(OfflineScore(work.policy, work.scenario, dataset, error=error))

    def _append_with_faults(self, block: Block, rows: dict[int, EpisodeRow], error: str) -> None:
        """Write a block's rows; episodes without a row ended with an error of the policy."""
        perturbation = Perturbation.parse(block.cell.perturbation)
        for episode in block.episodes:
            if episode.number not in rows:
                phrase = find_phrase_kind(block.scenario, episode.suite_seed, episode.number, perturbation)
                rows[episode.number] = policy_fault_row(block.cell, episode, error, phrase)
                self._count(rows[episode.number])
        self.folder.append([rows[episode.number] for episode in block.episodes])

    def failed(self, job: Job, reason: str) -> None:
        """Log a job that could not be done."""
        self.failures += 1
        self.folder.log_failed_job(job.name, reason)
        self._progress.print_line(f"{job.name}: {reason.strip().splitlines()[-1]}")

    def _add_offline(self, score: OfflineScore) -> None:
        self._offline[score.policy, score.scenario] = score
        self._offline_log.add(score)

    def _count(self, row: EpisodeRow) -> None:
        if row.key not in self.folder.rows:  # a block that an interrupted run wrote in part is driven again
            self._progress.advance(row)

    def close(self) -> None:
        """Close the progress bar."""
        self._progress.close()

    def delete_offline_log(self) -> None:
        """Delete the log of offline scores, once the summary contains them."""
        self._offline_log.delete()

    def summarise(self) -> Summary:
        """Summarise the results so far, with what they were made with; offline scores in the order of the plan."""
        order = {name: position for position, name in enumerate(self.plan.policies)}
        offline = sorted(self._offline.values(), key=lambda score: (score.scenario or "", order[score.policy]))
        manifest = self.folder.manifest
        summary = summarise_run(self.plan, self.folder.rows_in_order(self.plan), offline, manifest.policies)
        specs = {name: facts.spec for name, facts in manifest.scenarios.items()}
        return replace(summary, version=manifest.code.version, scenarios=specs)
