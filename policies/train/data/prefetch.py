"""Computation of what batches need before they are trained on, in threads of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

BatchT = TypeVar("BatchT")
ResultT = TypeVar("ResultT")


def prefetch_results(
    batches: Iterator[BatchT], compute: Callable[[BatchT], ResultT]
) -> Iterator[tuple[BatchT, ResultT]]:
    """Yield each batch with what ``compute`` makes of it, in order; compute ahead in as many threads as PyTorch has.

    PyTorch itself uses one thread meanwhile: whole batches at the same time use all cores better than the parts of one
    operation do. Batches are drawn in the calling thread, so the result doesn't depend on the number of threads.

    Args:
        batches: Drawn one at a time.
        compute: Called in several threads at once.
    """
    threads = torch.get_num_threads()
    if threads == 1:
        yield from ((batch, compute(batch)) for batch in batches)
        return
    torch.set_num_threads(1)
    ahead: deque[tuple[BatchT, Future[ResultT]]] = deque()
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    try:
        for batch in batches:
            ahead.append((batch, pool.submit(compute, batch)))
            if len(ahead) > threads:
                yield _wait_for(ahead)
        while ahead:
            yield _wait_for(ahead)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)


def _wait_for(ahead: deque[tuple[BatchT, Future[ResultT]]]) -> tuple[BatchT, ResultT]:
    batch, future = ahead.popleft()
    return batch, future.result()
