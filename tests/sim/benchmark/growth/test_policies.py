"""Laws of growth over batches and policies."""

from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.benchmark.growth import points
from sim.benchmark.growth.policies import find_checkpoint, measure_batch, measure_policies
from sim.evaluate import jobs

pytestmark = pytest.mark.slow  # loads networks


def test_a_batch_has_its_size_and_a_cost(monkeypatch):
    monkeypatch.setattr(points, "MIN_TURN_S", 0.0)
    point = measure_batch(2)
    assert point.size == 2
    assert point.seconds > 0.0


def test_every_policy_of_a_run_is_loaded_once(monkeypatch):
    loaded, before = [], jobs.make_policy

    def make_policy(reference, *rest):
        loaded.append(Path(reference.target).name)
        return before(reference, *rest)

    monkeypatch.setattr(jobs, "make_policy", make_policy)
    point = measure_policies(2)
    assert point.size == 2
    assert point.seconds > 0.0
    assert loaded == ["policy-0", "policy-1"]


def test_only_checkpoints_of_the_package_have_a_folder():
    assert (find_checkpoint("hybrid") / "config.json").is_file()
    with pytest.raises(InputError, match="no checkpoint"):
        find_checkpoint("zero")
