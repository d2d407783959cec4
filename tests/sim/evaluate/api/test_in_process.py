"""Laws of jobs in the calling process."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from sim.evaluate.api.in_process import InProcessPool, TorchState, in_this_process, unchanged_process
from sim.evaluate.job_kinds import EvaluationSettings
from sim.workers.job import Job


class Jobs:
    def do(self, job, report):
        if job.work == "fail":
            raise RuntimeError("the disk is full")
        report({"job": job.name})
        return {"work": job.work}


class Listener:
    def __init__(self):
        self.heard = []

    def part(self, job, part):
        self.heard.append(("part", job.name, part))

    def done(self, job, result):
        self.heard.append(("done", job.name, result))


def test_jobs_are_done_in_order_and_an_error_is_raised():
    listener = Listener()
    pool = InProcessPool(Jobs())
    with pytest.raises(RuntimeError, match="the disk is full"):
        pool.run([Job("a", 1), Job("b", 2, after=frozenset("a")), Job("c", "fail"), Job("d", 4)], listener)
    assert listener.heard == [
        ("part", "a", {"job": "a"}),
        ("done", "a", {"work": 1}),
        ("part", "b", {"job": "b"}),
        ("done", "b", {"work": 2}),
    ]


def test_a_state_of_torch_that_was_read_can_be_restored():
    before = TorchState.read()
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_float32_matmul_precision("high")
    torch.use_deterministic_algorithms(True, warn_only=True)
    wanted = torch.rand(1, device="cpu", dtype=torch.float32)
    before.restore()
    assert torch.get_default_device() == torch.device("cpu")
    assert (torch.get_default_dtype(), torch.get_float32_matmul_precision()) == (torch.float32, "highest")
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.rand(1), wanted)


def test_a_fresh_state_is_that_of_a_torch_that_was_just_imported():
    fresh = TorchState.fresh()
    assert torch.equal(fresh.generator, torch.Generator().get_state())
    assert (fresh.dtype, fresh.grad, fresh.device) == (torch.float32, True, torch.device("cpu"))


def test_variables_that_were_added_are_removed_and_removed_ones_are_back(monkeypatch):
    monkeypatch.setenv("MINE", "1")
    draws = np.random.get_state()[1].tolist()  # noqa: NPY002
    with unchanged_process():
        os.environ.pop("MINE")
        os.environ["OTHER"] = "2"
        np.random.rand()  # noqa: NPY002
    assert os.environ["MINE"] == "1"
    assert "OTHER" not in os.environ
    assert np.random.get_state()[1].tolist() == draws  # noqa: NPY002


def test_the_simulations_are_closed_at_the_end_even_if_none_was_opened():
    with in_this_process(EvaluationSettings("auto", "none"), {}) as pool:
        assert os.environ["LP_NUM_THREADS"] == "0"
        pool.run([], Listener())
