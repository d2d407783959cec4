"""Laws of a recording by several workers: order, how far they run ahead, and what is said of a batch that fails."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from sim.record.handover import write_episode
from sim.record.parallel import (
    BATCHES_AHEAD,
    BatchCollector,
    RecordingError,
    make_recording_jobs,
    record_in_parallel,
    record_in_process,
)
from sim.record.session import EXPERT, RECORDING_BATCH, RecordingConfig

pytestmark = pytest.mark.slow  # starts processes that drive

CONFIG = RecordingConfig(EXPERT, "corridor", 1000, 7 * RECORDING_BATCH - 1)


def test_every_episode_is_in_one_batch_and_batches_are_in_order(tmp_path):
    jobs = make_recording_jobs(CONFIG, tmp_path, workers=2)
    assert [number for job in jobs for number in job.work.numbers] == list(range(CONFIG.episodes))
    assert max(len(job.work.numbers) for job in jobs) == RECORDING_BATCH
    assert len({job.name for job in jobs}) == len(jobs) == 7


def test_no_worker_runs_further_ahead_than_its_batches(tmp_path):
    jobs = make_recording_jobs(CONFIG, tmp_path, workers=2)
    free = 2 * BATCHES_AHEAD
    assert [job.after for job in jobs[:free]] == [frozenset()] * free
    assert [job.after for job in jobs[free:]] == [frozenset([job.name]) for job in jobs[:-free]]


def test_episodes_are_handed_on_in_order_whichever_batch_is_recorded_first_and_leave_no_file(tmp_path):
    jobs, heard = make_recording_jobs(CONFIG, tmp_path, workers=2), []
    collector = BatchCollector(jobs, heard.append)
    for index in (1, 2, 0, 3, 6, 5, 4):
        for number in jobs[index].work.numbers:
            write_episode(tmp_path / f"{number}.npz", (None, f"status {number}"))
        collector.done(jobs[index], {})
        if index == 2:
            assert heard == []
    assert heard == [(None, f"status {number}") for number in range(CONFIG.episodes)]
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_fails_or_hangs_ends_the_recording_by_its_name(tmp_path):
    jobs = make_recording_jobs(CONFIG, tmp_path, workers=1)
    collector = BatchCollector(jobs, lambda episode: None)
    with pytest.raises(RecordingError, match="episodes 16 to 31: its worker died"):
        collector.failed(jobs[1], "its worker died (exit code 9)")
    with pytest.raises(RecordingError, match="episodes 0 to 15: the policy did not return within 900 s"):
        collector.hung(jobs[0], [], 900.0)


def test_bad_input_that_a_worker_finds_is_raised_and_nothing_is_left(tmp_path):
    config = RecordingConfig("exprt", "corridor", 1000, 3)
    with pytest.raises(InputError, match="did you mean 'expert'"):
        record_in_parallel(config, get_scenario("corridor"), tmp_path / "set", 2, lambda episode: None)
    assert list(tmp_path.iterdir()) == []


def test_this_process_records_all_batches_in_order(monkeypatch):
    driven = []

    class Session:
        def __init__(self, *_, **__):
            driven.append("opened")

        def record_episodes(self, numbers):
            driven.append(list(numbers))
            return [(None, f"status {number}") for number in numbers]

        def close(self):
            driven.append("closed")

    monkeypatch.setattr("sim.record.parallel.RecordingSession", Session)
    heard = []
    record_in_process(RecordingConfig(EXPERT, "corridor", 1000, RECORDING_BATCH + 2), None, heard.append)
    assert heard == [(None, f"status {number}") for number in range(RECORDING_BATCH + 2)]
    last = [RECORDING_BATCH, RECORDING_BATCH + 1]
    assert driven == ["opened", list(range(RECORDING_BATCH)), last, "closed"]
