"""Which policies live in a host."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from dataclasses import replace

import pytest

from policies.host.hosting import Hosting, make_hosted_policy, parse_python
from policies.names.kinds import find_kind
from policies.names.parsing import parse_policies, parse_policy
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from policies.registry import make_policy
from scenarios.common.errors import InputError

from .hosts import POLICIES, host_processes, observe, start, wait_until


@pytest.mark.parametrize(("name", "hosted"), [("hybrid", False), ("straight", False), (f"{POLICIES}:Base", True)])
def test_what_is_not_ours_lives_in_a_host(name, hosted) -> None:
    assert find_kind(name).is_hosted is hosted


def test_a_policy_that_sees_the_truth_has_the_python_of_the_simulation() -> None:
    before = host_processes()
    reference = parse_policy(f"{POLICIES}:Privileged")
    policy = make_hosted_policy(reference, DEFAULT_RUNTIME, Hosting())
    assert policy is not None
    assert policy.spec.privileged
    policy.close()
    assert wait_until(lambda: host_processes() <= before)
    with pytest.raises(InputError, match="sees the true world"):
        make_hosted_policy(replace(reference, python=sys.executable), DEFAULT_RUNTIME, Hosting())


def test_a_hosted_policy_is_made_by_its_name_and_replans_as_asked() -> None:
    reference = replace(parse_policy(f"{POLICIES}:Infers"), replan=2)
    policy = make_policy(reference, hosting=Hosting())
    try:
        assert policy.spec.replan == 2
        start(policy)
        assert policy.act(observe()).shape == (2, 2, 3)
    finally:
        policy.close()


def test_a_device_that_is_not_there_is_refused() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    reference = parse_policy(f"{POLICIES}:Base")
    with pytest.raises(InputError, match="no torch network"):
        make_hosted_policy(reference, InferenceRuntime(device="cuda"), Hosting())


TORCH = """
import numpy as np, torch
class Linear:
    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    def __init__(self):
        self.layers = {"a": torch.nn.Linear(3, 3)}
    def reset(self, slots, instructions): ...
    def act(self, batch): return np.zeros((len(batch.live), 3), np.float32)
class Takes(Linear):
    def __init__(self, device, dtype):
        super().__init__()
        self.spec = dict(self.spec, runtime=f"{device} {dtype}")
"""


@pytest.fixture
def networks(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "networks.py").write_text(TORCH)
    return lambda name: parse_policy(f"{tmp_path}/networks.py:{name}")


def test_device_and_number_format_are_applied_and_recorded(networks) -> None:
    policy = make_hosted_policy(networks("Linear"), InferenceRuntime(device="auto", precision="bf16"), Hosting())
    assert policy is not None
    policy.close()
    assert policy.spec.runtime.endswith(", bfloat16")
    assert policy.spec.runtime.startswith("torch ")
    assert policy.weights_sha256 is not None


def test_a_class_that_takes_them_gets_them(networks) -> None:
    policy = make_hosted_policy(networks("Takes"), InferenceRuntime(device="cpu", precision="fp16"), Hosting())
    assert policy is not None
    policy.close()
    assert policy.spec.runtime == "cpu fp16"


def test_a_missing_gpu_is_one_sentence(networks) -> None:
    import torch

    absent = f"cuda:{torch.cuda.device_count()}"
    with pytest.raises(InputError, match=f"device '{absent}' is not available"):
        make_hosted_policy(networks("Linear"), InferenceRuntime(device=absent), Hosting())


def test_another_python_may_have_modules_and_a_syntax_that_this_one_has_not(tmp_path) -> None:
    (tmp_path / "newer.py").write_text("a syntax of a later version")
    for name in (f"{tmp_path}/newer.py:Mine", "only_there:Mine"):
        with pytest.raises(InputError):
            parse_policy(name)
        (reference,) = parse_policies([name], python="python3")
        assert reference.python == "python3"


def test_a_lerobot_policy_lives_in_a_host(tmp_path) -> None:
    """Without LeRobot that is where its absence is found."""
    if importlib.util.find_spec("lerobot") is not None:
        pytest.skip("LeRobot is installed here")
    reference = parse_policy(f"lerobot:{tmp_path}")
    with pytest.raises(InputError, match=r"No module named 'lerobot' \(hosted.py:\d+\)"):
        make_hosted_policy(reference, DEFAULT_RUNTIME, Hosting())


def test_a_python_that_can_not_be_run_is_refused() -> None:
    assert parse_python("python3") == "python3"
    with pytest.raises(argparse.ArgumentTypeError, match="can't be run"):
        parse_python("/nowhere/python")
