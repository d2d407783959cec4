from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import torch

from policies.train.data.prefetch import prefetch_results


@pytest.fixture(params=[1, 3])
def threads(request) -> Iterator[int]:
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(1)


def test_every_batch_comes_in_order_with_what_is_made_of_it(threads) -> None:
    assert list(prefetch_results(iter(range(20)), lambda batch: batch**2)) == [(batch, batch**2) for batch in range(20)]


def test_the_number_of_threads_is_as_before_even_after_an_early_end(threads) -> None:
    ready = prefetch_results(iter(range(20)), lambda batch: batch)
    next(ready)
    ready.close()
    assert torch.get_num_threads() == threads


def test_whole_batches_run_at_the_same_time_with_one_thread_each() -> None:
    torch.set_num_threads(2)
    both = threading.Barrier(2, timeout=30.0)

    def meet(_: int) -> int:
        both.wait()
        return torch.get_num_threads()

    try:
        assert [count for _, count in prefetch_results(iter(range(4)), meet)] == [1] * 4
    finally:
        torch.set_num_threads(1)


def test_an_error_is_raised_where_its_batch_would_come(threads) -> None:
    def compute(batch: int) -> int:
        if batch == 2:
            raise ValueError("no features")
        return batch

    ready = prefetch_results(iter(range(5)), compute)
    assert [next(ready), next(ready)] == [(0, 0), (1, 1)]
    with pytest.raises(ValueError, match="no features"):
        next(ready)


def test_no_batches_are_no_results(threads) -> None:
    assert list(prefetch_results(iter(()), lambda batch: batch)) == []
