"""Drives the episodes of a recording, here or by spawned workers; what comes doesn't depend on their number."""

from __future__ import annotations

import os
import signal
import tempfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from scenarios.scenario import Scenario
from sim.record.session import RECORDING_BATCH, RecordedEpisode, RecordingConfig, RecordingSession
from sim.workers.process import SINGLE_THREAD_ENV


def _blocks(plan: RecordingConfig) -> Iterator[Sequence[int]]:
    return (
        plan.episode_numbers[first : first + RECORDING_BATCH]
        for first in range(0, len(plan.episode_numbers), RECORDING_BATCH)
    )


def record_in_process(plan: RecordingConfig, scenario: Scenario) -> Generator[RecordedEpisode, None, None]:
    """All episodes in order, driven by this process."""
    stage = RecordingSession(plan, scenario)
    try:
        for numbers in _blocks(plan):
            yield from stage.record_episodes(numbers)
    finally:
        stage.close()


def record_in_parallel(
    plan: RecordingConfig, scenario: Scenario, out: Path, workers: int
) -> Generator[RecordedEpisode, None, None]:
    """All episodes in order, driven ahead of the reader by at most two blocks per worker.

    Workers leave the frames in temporary files beside ``out``, from where they are fetched.
    """
    with (
        tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch,
        ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin_worker) as pool,
    ):
        pending: deque[tuple[Future[list[RecordedEpisode]], Sequence[int]]] = deque()
        try:
            for numbers in _blocks(plan):
                pending.append((pool.submit(_record_to_files, plan, scenario, numbers, Path(scratch)), numbers))
                if len(pending) > 2 * workers:
                    yield from _load_frames(*pending.popleft(), Path(scratch))
            while pending:
                yield from _load_frames(*pending.popleft(), Path(scratch))
        finally:
            pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    os.environ.update(
        SINGLE_THREAD_ENV
    )  # more threads only take turns, and their number would move a policy's last bits
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends what is to be ended


@cache
def _recording_session(plan: RecordingConfig, scenario: Scenario) -> RecordingSession:
    """This worker's stage: contexts and weights take long to build, and go when the worker does."""
    return RecordingSession(plan, scenario)


def _record_to_files(
    plan: RecordingConfig, scenario: Scenario, numbers: Sequence[int], scratch: Path
) -> list[RecordedEpisode]:
    """In a worker: drive a block, leave its frames in files, and send the rest."""
    takes = []
    for number, (demonstration, status) in zip(
        numbers, _recording_session(plan, scenario).record_episodes(numbers), strict=True
    ):
        if demonstration is not None:
            np.save(_frames_file(scratch, number), demonstration.pixels)
            demonstration = replace(demonstration, pixels=np.zeros((0,), np.uint8))
        takes.append((demonstration, status))
    return takes


def _load_frames(
    block: Future[list[RecordedEpisode]], numbers: Sequence[int], scratch: Path
) -> Iterator[RecordedEpisode]:
    for number, (demonstration, status) in zip(numbers, block.result(), strict=True):
        if demonstration is not None:
            file = _frames_file(scratch, number)
            demonstration = replace(demonstration, pixels=np.load(file))
            file.unlink()
        yield demonstration, status


def _frames_file(scratch: Path, number: int) -> Path:
    return scratch / f"{number}.npy"
