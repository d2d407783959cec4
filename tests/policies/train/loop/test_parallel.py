from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
import torch

from policies.train.loop.parallel import run_side_by_side
from scenarios.common.errors import InputError

CPU = torch.device("cpu")


def note(folder: Path, name: str) -> None:
    (folder / name).write_text(f"{os.getpid()} {torch.get_num_threads()}")


def fail(sentence: str) -> None:
    raise InputError(sentence)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def never_end(folder: Path) -> None:
    note(folder, "begun")
    while True:
        time.sleep(0.01)


def fail_once_begun(folder: Path) -> None:
    while not (folder / "begun").exists():
        time.sleep(0.01)
    fail("no camera")


@pytest.fixture
def two_threads():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def _notes(folder: Path) -> list[list[str]]:
    return [path.read_text().split() for path in sorted(folder.iterdir())]


def test_with_one_thread_jobs_run_here_in_order(tmp_path) -> None:
    done: list[int] = []
    run_side_by_side([partial(done.append, number) for number in range(3)], CPU)
    assert done == [0, 1, 2]


def test_with_more_threads_every_job_runs_in_another_process_with_one_thread(two_threads, tmp_path) -> None:
    run_side_by_side([partial(note, tmp_path, name) for name in "abc"], CPU)
    assert len(_notes(tmp_path)) == 3
    assert {threads for _, threads in _notes(tmp_path)} == {"1"}
    assert str(os.getpid()) not in {process for process, _ in _notes(tmp_path)}


def test_the_first_error_ends_the_other_jobs(two_threads, tmp_path) -> None:
    with pytest.raises(InputError, match="no camera"):
        run_side_by_side([partial(never_end, tmp_path), partial(fail_once_begun, tmp_path)], CPU)


def test_a_killed_process_is_one_sentence_that_names_the_cure(two_threads) -> None:
    with pytest.raises(InputError, match="--resume"):
        run_side_by_side([die, die], CPU)


def test_no_jobs_are_no_work(two_threads) -> None:
    run_side_by_side([], CPU)


def test_a_gpu_works_for_one_job_at_a_time_in_this_process() -> None:
    done: list[int] = []
    torch.set_num_threads(2)
    try:
        run_side_by_side([partial(done.append, number) for number in range(3)], torch.device("cuda"))
    finally:
        torch.set_num_threads(1)
    assert done == [0, 1, 2]
