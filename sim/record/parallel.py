"""Recording in this process or in a pool of workers; the result doesn't depend on the number of workers."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.scenario import Scenario
from sim.record.drivers.dagger import LabellingPolicy
from sim.record.handover import read_episode, write_episode
from sim.record.session import RECORDING_BATCH, RecordedEpisode, RecordingConfig, RecordingSession
from sim.workers.job import Job, JsonObject
from sim.workers.pool import Timeouts, WorkerPool
from sim.workers.process import Heartbeat

RECORDING_TIMEOUTS = Timeouts(policy_s=900.0)  # a large policy may need minutes for a batch
BATCHES_AHEAD = 2  # of writing, per worker: each batch takes hundreds of megabytes

EpisodeHandler = Callable[[RecordedEpisode], None]
"""Called with every recorded episode, in order."""


class RecordingError(Exception):
    """An error, not of the input, because of which episodes could not be recorded. The message is one sentence."""


@dataclass(frozen=True)
class RecordingSettings:
    """Settings that all workers of a recording share."""

    config: RecordingConfig
    scenario: Scenario
    """The scenario as it was at the start: its file may be edited during the recording."""


@dataclass(frozen=True)
class RecordBatch:
    """A job that records a batch of episodes into its folder."""

    numbers: tuple[int, ...]
    """At most ``RECORDING_BATCH`` episode numbers."""


def record_in_process(
    config: RecordingConfig, scenario: Scenario, on_episode: EpisodeHandler, driver: LabellingPolicy | None = None
) -> None:
    """Record all episodes in this process; ``driver`` as for ``RecordingSession``."""
    session = RecordingSession(config, scenario, driver=driver)
    try:
        for numbers in _split_into_batches(config):
            for episode in session.record_episodes(numbers):
                on_episode(episode)
    finally:
        session.close()


def record_in_parallel(
    config: RecordingConfig, scenario: Scenario, out: Path, workers: int, on_episode: EpisodeHandler
) -> None:
    """Record all episodes in a pool of workers, which pass them on in temporary files beside ``out``.

    Raises:
        InputError: A worker rejected the input.
        RecordingError: A batch could not be recorded.
    """
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        jobs = make_recording_jobs(config, Path(folder), workers)
        settings, size = RecordingSettings(config, scenario), min(workers, len(jobs))
        with WorkerPool("sim.record.parallel:RecordingJobs", settings, size, RECORDING_TIMEOUTS) as pool:
            pool.run(jobs, BatchCollector(jobs, on_episode))


def make_recording_jobs(config: RecordingConfig, folder: Path, workers: int) -> list[Job]:
    """Make a job for every batch, at most ``BATCHES_AHEAD`` per worker of which are recorded ahead."""
    jobs: list[Job] = []
    for index, numbers in enumerate(_split_into_batches(config)):
        ahead = index - BATCHES_AHEAD * workers
        after = frozenset([jobs[ahead].name]) if ahead >= 0 else frozenset()
        jobs.append(Job(f"episodes {numbers[0]} to {numbers[-1]}", RecordBatch(tuple(numbers)), folder, after))
    return jobs


def _split_into_batches(config: RecordingConfig) -> list[Sequence[int]]:
    numbers = config.episode_numbers
    return [numbers[first : first + RECORDING_BATCH] for first in range(0, len(numbers), RECORDING_BATCH)]


class RecordingJobs:
    """Does a worker's jobs in one recording session, as its simulations and weights are slow to build."""

    def __init__(self, settings: RecordingSettings, heartbeat: Heartbeat) -> None:
        self._session = RecordingSession(settings.config, settings.scenario, heartbeat)

    def do(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
        """Record a batch; write each episode to a file in the job's folder."""
        assert isinstance(job.work, RecordBatch)
        assert job.out is not None
        for number, episode in zip(job.work.numbers, self._session.record_episodes(job.work.numbers), strict=True):
            write_episode(_episode_file(job.out, number), episode)
        return {}


class BatchCollector:
    """Receives batches in any order, and passes their episodes on in order."""

    def __init__(self, jobs: Sequence[Job], on_episode: EpisodeHandler) -> None:
        self._waiting = deque(jobs)
        self._recorded: set[str] = set()
        self._on_episode = on_episode

    def part(self, job: Job, part: JsonObject) -> None:
        """Do nothing: a batch has no parts."""

    def done(self, job: Job, result: JsonObject) -> None:
        """Pass on the episodes of all batches up to the first that is not recorded yet."""
        self._recorded.add(job.name)
        while self._waiting and self._waiting[0].name in self._recorded:
            self._pass_on(self._waiting.popleft())

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        """End the recording."""
        raise RecordingError(f"{job.name}: the policy did not return within {seconds:g} s")

    def failed(self, job: Job, reason: str) -> None:
        """End the recording."""
        raise RecordingError(f"{job.name}: {reason.strip()}")

    def _pass_on(self, job: Job) -> None:
        assert isinstance(job.work, RecordBatch)
        assert job.out is not None
        for number in job.work.numbers:
            file = _episode_file(job.out, number)
            episode = read_episode(file)
            file.unlink()
            self._on_episode(episode)


def _episode_file(folder: Path, number: int) -> Path:
    return folder / f"{number}.npz"
