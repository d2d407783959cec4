"""Laws of the worker benchmark."""

import pytest

from sim.benchmark.growth import workers
from sim.benchmark.growth.workers import measure_memory_of_children, measure_workers
from sim.workers.job import Job


@pytest.mark.slow  # starts workers
def test_each_pool_is_measured_relative_to_one_worker(monkeypatch):
    monkeypatch.setattr(workers, "WORKER_COUNTS", (1, 2))
    monkeypatch.setattr(workers, "BLOCK_EPISODES", 2)
    one, two, memory = measure_workers("zero", repeats=1)
    assert (one.name, two.name) == ("zero, 1 worker", "zero, 2 workers")
    assert one.ratio == 1.0
    assert two.ratio == pytest.approx(two.value / one.value)
    assert memory.value > 50.0


def test_a_job_that_fails_ends_the_benchmark():
    with pytest.raises(RuntimeError, match="drive: no memory"):
        workers._Ignore().failed(Job("drive", None), "no memory")
    with pytest.raises(RuntimeError, match="longer than 60 s"):
        workers._Ignore().hung(Job("drive", None), [], 60.0)


def test_without_children_there_is_no_memory():
    assert measure_memory_of_children() == 0.0
