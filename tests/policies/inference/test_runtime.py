from __future__ import annotations

import argparse
import os
import sys

import pytest

from policies.inference.runtime import apply_runtime, count_cores, count_threads, parse_device
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from policies.registry import make_policy
from policies.scripted.baselines import make_zero_policy
from scenarios.common.errors import InputError


class _Recorded:
    """Remembers what it was asked for."""

    weights_sha256 = None

    def __init__(self) -> None:
        self.spec = make_zero_policy().spec
        self.applied: list[InferenceRuntime] = []

    def reset(self, slots, instructions) -> None: ...

    def act(self, batch) -> None: ...

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        self.applied.append(runtime)


def test_a_policy_with_weights_gets_what_was_asked_for_unless_it_is_the_usual() -> None:
    policy, asked = _Recorded(), InferenceRuntime(compile="export")
    for runtime in (DEFAULT_RUNTIME, asked):
        apply_runtime(policy, runtime)
    assert policy.applied == [asked]


@pytest.mark.parametrize(
    ("runtime", "flag"),
    [
        (InferenceRuntime(compile="compile"), "--compile compile"),
        (InferenceRuntime(provider="cuda"), "--provider cuda"),
        (InferenceRuntime(device="cuda"), "--device cuda"),
    ],
)
def test_a_policy_without_a_network_has_nothing_to_run_otherwise(runtime, flag) -> None:
    with pytest.raises(InputError, match=f"'zero' has no network to which {flag}"):
        make_policy("zero", runtime)


def test_the_usual_runtime_is_nothing_to_ask_for() -> None:
    assert make_policy("zero", InferenceRuntime()).spec.runtime == ""


@pytest.mark.parametrize("text", ["auto", "cpu", "cuda", "cuda:0", "cuda:11"])
def test_a_device_is_the_processor_or_a_gpu(text) -> None:
    assert parse_device(text) == text


@pytest.mark.parametrize("text", ["gpu", "cuda:", "cuda:x", "", "cpu:0"])
def test_any_other_device_is_refused(text) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="choose auto, cpu, cuda, or cuda:N"):
        parse_device(text)


@pytest.mark.parametrize(("given", "threads"), [("3", 3), ("0", None), ("many", None)])
def test_threads_are_as_many_as_torch_would_take(monkeypatch, given, threads) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert count_threads() == (threads or len(os.sched_getaffinity(0)))


def test_a_process_that_may_use_one_processor_counts_one(monkeypatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert count_cores() == count_threads() == 1
    finally:
        os.sched_setaffinity(0, allowed)
