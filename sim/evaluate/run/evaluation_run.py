"""The parent process's side of a run: the jobs that are pending, and the handling of their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from scenarios.perturbations import Perturbation, sample_perturbed_world
from sim.analysis.summary import summarise_run
from sim.evaluate.job_kinds import DriveBlock, RecordHeldOut, ScoreOffline
from sim.evaluate.run.offline_log import OfflineScoreLog
from sim.evaluate.shards.shard import WHOLE, Selection
from sim.results.codec import from_json
from sim.results.folder import EpisodeRows
from sim.results.plan import Block, RunPlan
from sim.results.row import EpisodeRow, policy_fault_row, read_row, video_path
from sim.results.summary.offline_score import HELD_OUT, OfflineScore
from sim.results.summary.summary import Summary
from sim.rollout.episode import POLICY_FAULT
from sim.workers.job import Job, JsonObject


class Progress(Protocol):
    """Is told how far a run has come."""

    def start(self, *, total: int, done: int) -> None:
        """Handle the number of episodes of the run, and of those that an earlier session finished."""
        ...

    def advance(self, row: EpisodeRow) -> None:
        """Handle the end of an episode."""
        ...

    def print_line(self, text: str) -> None:
        """Handle a message."""
        ...

    def close(self) -> None:
        """Handle the end of the run."""
        ...


class EvaluationRun:
    """Handles the results of blocks and offline scores, and writes them to disk as they arrive.

    Attributes:
        plan: The run's plan.
        rows: Its rows.
        failures: The jobs that could not be done, each with the reason's last line.
        warnings: Sentences about what the results rest on.

    Args:
        plan: The run's plan.
        rows: Its rows, in memory or in a folder.
        datasets: The data sets of the offline error: by scenario, None for its held-out demonstrations; or one folder
            for all scenarios, under None; empty for no offline error.
        progress: Is told of each episode.
        films: Folder of the films of a run without a folder; None for no films.
        part: The part of the plan to do.
    """

    def __init__(
        self,
        plan: RunPlan,
        rows: EpisodeRows,
        datasets: Mapping[str | None, str | None],
        progress: Progress,
        films: Path | None = None,
        part: Selection = WHOLE,
    ) -> None:
        self.plan = plan
        self.rows = rows
        self.failures: list[str] = []
        self.warnings: list[str] = []
        self._out = films if rows.path is None else rows.path.absolute()
        self._datasets = datasets
        self._blocks = part.select(plan.blocks)
        self._scores = part.select([(policy, scenario) for scenario in datasets for policy in plan.policies])
        self._offline_log = None if rows.path is None else OfflineScoreLog(rows.path)
        logged = [] if self._offline_log is None else self._offline_log.read_scores()
        self._offline = {(score.policy, score.scenario): score for score in (*rows.read_offline_scores(), *logged)}
        self._ended: dict[str, dict[int, EpisodeRow]] = {}  # of blocks in progress, by block and episode number
        self._progress = progress
        progress.start(total=self._episodes, done=rows.count_rows(plan))

    @property
    def _episodes(self) -> int:
        """Number of episodes to drive, those of earlier sessions included."""
        return sum(block.count for block in self._blocks)

    def leave_out(self, jobs: Iterable[Job]) -> None:
        """Leave jobs out that others have done: their results aren't missing here."""
        done = {job.work for job in jobs}
        blocks = {work.block for work in done if isinstance(work, DriveBlock)}
        scores = {(work.policy, work.scenario) for work in done if isinstance(work, ScoreOffline)}
        self._blocks = tuple(block for block in self._blocks if block not in blocks)
        self._scores = tuple(score for score in self._scores if score not in scores)

    def pending_jobs(self) -> list[Job]:
        """Return the jobs that are not done yet; held-out sets come first, as others wait for them."""
        policies = self.rows.manifest.policies
        blocks = [
            Job(block.name, DriveBlock(block, policies[block.cell.policy].latency_s), self._out)
            for block in self._blocks
            if not self.rows.has_block(block)
        ]
        return [*self._offline_jobs(), *blocks]

    def _offline_jobs(self) -> list[Job]:
        jobs: list[Job] = []
        for scenario, dataset in self._datasets.items():
            missing = [name for name, of in self._scores if of == scenario and not self._is_scored(name, scenario)]
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
        episodes = self._episodes - self.rows.count_rows(self.plan)
        errors = sum(score not in self._offline for score in self._scores)
        gaps = [f"{episodes} of {self._episodes} episodes"] if episodes else []
        gaps += [f"{errors} offline error{'s' * (errors > 1)}"] if errors else []
        return " and ".join(gaps) or None

    def part(self, job: Job, part: JsonObject) -> None:
        """Keep a row of a block in progress."""
        if isinstance(job.work, DriveBlock):
            row = replace(read_row(part, job.name), made_by=self.rows.made_by)
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
                self.rows.append([rows[episode.number] for episode in block.episodes])
            case ScoreOffline():
                self.add_score(from_json(OfflineScore, result["entry"], job.name))

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
                self.add_score(OfflineScore(work.policy, work.scenario, dataset, error=error))

    def _append_with_faults(self, block: Block, rows: dict[int, EpisodeRow], error: str) -> None:
        """Write a block's rows; episodes without a row ended with an error of the policy."""
        perturbation = Perturbation.parse(block.cell.perturbation)
        for episode in block.episodes:
            if episode.number not in rows:
                world = sample_perturbed_world(block.scenario, episode.suite_seed, episode.number, perturbation)
                row = policy_fault_row(block.cell, episode, error, world.phrase, world.instruction)
                rows[episode.number] = replace(row, made_by=self.rows.made_by)
                self._count(rows[episode.number])
        self.rows.append([rows[episode.number] for episode in block.episodes])

    def failed(self, job: Job, reason: str) -> None:
        """Log a job that could not be done."""
        self.failures.append(f"{job.name}: {reason.strip().splitlines()[-1]}")
        self.rows.log_failed_job(job.name, reason)
        self._progress.print_line(self.failures[-1])

    def add_score(self, score: OfflineScore) -> None:
        """Add an offline score; a later one of a policy on a data set replaces an earlier one."""
        self._offline[score.policy, score.scenario] = score
        if self._offline_log is not None:
            self._offline_log.add(score)

    def _count(self, row: EpisodeRow) -> None:
        if not self.rows.has_row(row.key):  # a block that an interrupted run wrote in part is driven again
            self._progress.advance(row)

    def close(self) -> None:
        """Tell that the run has ended."""
        self._progress.close()

    def delete_offline_log(self) -> None:
        """Delete the log of offline scores, once the summary contains them."""
        if self._offline_log is not None:
            self._offline_log.delete()

    def summarise(self) -> Summary:
        """Summarise the results so far, with what they were made with; offline scores in the order of the plan."""
        order = {name: position for position, name in enumerate(self.plan.policies)}
        offline = sorted(self._offline.values(), key=lambda score: (score.scenario or "", order[score.policy]))
        manifest = self.rows.manifest
        summary = summarise_run(self.plan, self.rows.rows_in_order(self.plan), offline, manifest.policies)
        specs = {name: facts.spec for name, facts in manifest.scenarios.items()}
        return replace(summary, version=manifest.code.version, scenarios=specs, suite=manifest.suite)

    def describe_policy_failure(self) -> str | None:
        """Describe what ended every episode of a policy, with the first reason; None if no policy failed in all."""
        rows = self.rows.rows_in_order(self.plan)
        for policy in self.plan.policies:
            own = [row for row in rows if row.policy == policy]
            if own and all(row.status == POLICY_FAULT for row in own):
                return f"policy '{policy}' failed in each of its {len(own)} episodes: {own[0].error}"
        return None
