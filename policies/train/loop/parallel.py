"""Independent training jobs side by side, each in a process of its own with one thread.

Small networks hardly train faster with several threads, but several of them train in several processes at full speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context

import torch
from transformers.utils import logging

from scenarios.common.errors import InputError


def run_side_by_side(jobs: Sequence[Callable[[], object]], device: torch.device) -> None:
    """Run jobs, as many at once as PyTorch may use threads; with one thread or on a GPU, one after the other.

    Args:
        jobs: Longest first; picklable, and independent of each other. What they return is dropped.
        device: Where they train. A GPU works for one at a time.

    Raises:
        InputError: A process of a job was killed, for example because the memory is full.
        Exception: The first error of a job; the other jobs are stopped.
    """
    processes = min(torch.get_num_threads(), len(jobs)) if device.type == "cpu" else 1
    if processes <= 1:
        for job in jobs:
            job()
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _prepare_process)
    try:
        for done in as_completed([pool.submit(_run, job) for job in jobs]):
            done.result()
    except BrokenProcessPool as error:
        raise InputError("a training process was killed; check the free memory, then resume with --resume") from error
    except BaseException:
        for child in active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _run(job: Callable[[], object]) -> None:
    job()


def _prepare_process() -> None:
    torch.set_num_threads(1)
    logging.disable_progress_bar()  # a progress bar for each saved file would disturb ours
