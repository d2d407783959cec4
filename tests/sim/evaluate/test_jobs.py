"""Laws of what a worker does."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from policies.inference.weights import hash_networks
from policies.policy import PolicyFaultError
from policies.registry import make_policy
from policies.scripted.baselines import RandomPolicy
from policies.systems.ensemble import EnsemblePolicy
from scenarios.common.errors import InputError
from sim.evaluate.job_kinds import CheckPolicy, DriveBlock, EvaluationSettings, TimePolicy
from sim.evaluate.jobs import EvaluationJobs, hash_weights, name_members
from sim.results.plan import Block, Cell
from sim.workers.job import Job

ROOT = Path(__file__).parents[3]


class Unwatched:
    """A heartbeat that nobody listens to."""

    def in_policy(self):
        return contextlib.nullcontext()


@pytest.mark.slow
def test_a_row_is_sent_once_and_the_result_says_what_was_filmed(tmp_path):
    jobs = EvaluationJobs(EvaluationSettings("auto", "failures"), Unwatched())
    sent = []
    block = Block(Cell("straight", "corridor"), 3, 0, 2)
    result = jobs.do(Job("block", DriveBlock(block, latency_s=0.0), tmp_path), sent.append)
    jobs.close()
    assert sorted(row["episode"] for row in sent) == [0, 1]
    assert result == {"filmed": [0, *[row["episode"] for row in sent if row["episode"] == 1 and not row["success"]]]}
    assert len(list((tmp_path / "videos").iterdir())) == len(result["filmed"])


@pytest.mark.parametrize("policy", ["zero", "expert"])
def test_a_policy_is_timed_on_a_robot_s_first_view(policy):
    jobs = EvaluationJobs(EvaluationSettings("auto", "none"), Unwatched())
    found = jobs.do(Job("time", TimePolicy(policy, "corridor", 3)), lambda part: None)
    assert 0.0 < found["latency_s"] < 0.1
    jobs.close()


def test_somebody_s_policy_that_can_not_be_loaded_again_fails_in_its_episodes_and_ours_ends_the_run(monkeypatch):
    def fail(*_):
        raise InputError("no licence left")

    jobs = EvaluationJobs(EvaluationSettings("auto", "none"), Unwatched())
    monkeypatch.setattr(jobs, "_timed_policy", fail)
    policy = jobs._loaded_policy("mine.py:Policy", 10)
    for call in (lambda: policy.reset([0], ["go"]), lambda: policy.act(None)):
        with pytest.raises(PolicyFaultError, match="it can't be loaded again: no licence left"):
            call()
    with pytest.raises(InputError, match="no licence left"):
        jobs._loaded_policy("hybrid", 10)


def test_work_of_another_kind_is_an_error():
    with pytest.raises(TypeError, match="not a job"):
        EvaluationJobs(EvaluationSettings("auto", "none"), None).do(Job("tea", "make tea"), lambda part: None)


def test_a_worker_imports_neither_the_report_nor_what_prints_the_tables():
    code = "import sys, sim.evaluate.jobs; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"jinja2", "rich", "sim.report", "sim.console", "sim.evaluate.run", "torch"} & set(loaded.split())


def test_the_weights_hash_is_what_the_policy_states_and_scripts_have_none():
    class Weighted(RandomPolicy):
        weights_sha256 = "ab12"

        def apply_runtime(self, runtime) -> None: ...

    assert hash_weights(Weighted()) == "ab12"
    assert hash_weights(make_policy("zero")) is None


def test_a_policy_that_states_no_hash_has_that_of_the_networks_among_its_attributes():
    class Mine(RandomPolicy):
        def __init__(self, *networks: nn.Module) -> None:
            super().__init__()
            self.name, self.networks = "mine", len(networks)
            for number, network in enumerate(networks):
                setattr(self, f"network{number}", network)

    layers = [nn.Linear(2, 2), nn.Linear(2, 2)]
    before = hash_weights(Mine(*layers))
    assert before == hash_weights(Mine(*layers)) == hash_networks(layers)
    assert before != hash_weights(Mine(layers[0]))
    with torch.no_grad():
        layers[1].bias[0] += 1.0
    assert hash_weights(Mine(*layers)) != before
    assert hash_weights(Mine()) is None


def test_a_policy_that_is_a_network_has_the_hash_of_its_weights():
    class Network(nn.Linear):
        spec = RandomPolicy.spec

        def reset(self, slots, instructions): ...

        def act(self, batch): ...

    network = Network(2, 2)
    assert hash_weights(network) == hash_networks([network])


def test_hashing_a_policy_without_weights_imports_no_torch():
    code = (
        "import sys; from policies.registry import make_policy; from sim.evaluate.jobs import hash_weights; "
        "print(hash_weights(make_policy('zero')), 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.split() == ["None", "False"]


def test_the_members_of_a_mixture_are_named_and_nothing_else_has_any():
    members = [make_policy("straight"), make_policy("zero")]
    assert name_members(EnsemblePolicy(members, (0.5, 0.5), "both")) == ["straight", "zero"]
    assert name_members(members[0]) == []


@pytest.mark.parametrize(
    ("policy", "check", "warned"), [("zero", True, 0), ("mine.py:Tiny", True, 1), ("mine.py:Tiny", False, 0)]
)
def test_only_policies_that_are_not_shipped_are_checked(policy, check, warned, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "from policies.scripted.baselines import ConstantPolicy as Constant"
    (tmp_path / "mine.py").write_text(f"{code}\nTiny = lambda: Constant('tiny', (0.1, 0.0, 0.0))\n")
    jobs = EvaluationJobs(EvaluationSettings("auto", "none", check=check), Unwatched())
    found = jobs.do(Job("load", CheckPolicy(policy, None)), lambda part: None)
    jobs._simulations().close()
    assert len(found["doubts"]) == warned
