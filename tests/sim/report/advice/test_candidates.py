"""Laws of who may be recommended, and of what it costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, MANIFEST, make_row

from sim.report.advice.candidates import describe_latency, list_candidates


def manifest(latency=0.0, **facts):
    plan = replace(MANIFEST.plan, policies=tuple(facts), latency=latency)
    return replace(MANIFEST, plan=plan, policies={name: replace(FACTS["good"], **each) for name, each in facts.items()})


def test_privileged_policies_references_and_those_without_episodes_are_no_candidates():
    run = manifest(good={}, expert={"privileged": True}, blind={}, wordless={}, zero={}, late={})
    rows = [make_row(name, 0, "success") for name in ("good", "expert", "blind", "wordless", "zero")]
    assert [each.name for each in list_candidates(run, rows)] == ["good"]


def test_size_is_that_of_weights_in_float32():
    (found,) = list_candidates(manifest(good={"parameters": 2_500_000}), [make_row("good", 0, "success")])
    assert found.size_mb == pytest.approx(10.0)


def test_latency_is_measured_or_that_of_calls():
    rows = [make_row("good", number, "success", policy_call_ms=ms) for number, ms in enumerate((10.0, 20.0, 90.0))]
    assert list_candidates(manifest(good={"latency_s": 0.0}), rows)[0].latency_s == pytest.approx(0.02)
    measured = manifest("measured", good={"latency_s": 0.003})
    assert list_candidates(measured, rows)[0].latency_s == pytest.approx(0.003)
    assert "upper bound" in describe_latency(manifest(good={}))
    assert "as measured" in describe_latency(measured)


def test_without_any_time_the_latency_is_not_known():
    assert list_candidates(manifest(good={}), [make_row("good", 0, "success")])[0].latency_s is None


@pytest.mark.parametrize(
    ("name", "facts", "size"),
    [
        ("mine", {"parameters": 0, "weights": "abc"}, None),  # it has weights, and doesn't say how many
        ("ws://127.0.0.1:8000", {"parameters": 0, "weights": None}, None),
        ("pi", {"parameters": 0, "weights": None, "source": "wss://host:1"}, None),
        ("my.py:Rule", {"parameters": 0, "weights": None}, None),  # it may have a network that isn't found
        ("mine", {"parameters": 0, "weights": None, "source": 'my.py:Rule {"speed": 0.3}'}, None),
        ("pi", {"parameters": 0, "weights": None, "source": 'ws://host:1 {"timeout_s": 5}'}, None),
        ("act", {"parameters": 0, "weights": None, "source": "lerobot:outputs/train/act"}, None),
        ("rule", {"parameters": 0, "weights": None}, None),  # an object of a caller's
        ("mine", {"parameters": 500_000, "weights": None, "source": "my.py:Net"}, 2.0),
        ("mine", {"parameters": 500_000, "weights": None, "source": 'my.py:Net {"depth": 2}'}, 2.0),
        ("floor", {"parameters": 0, "weights": None, "source": "straight"}, 0.0),  # shipped, without a network
    ],
)
def test_a_size_that_nobody_says_is_not_known(name, facts, size):
    (found,) = list_candidates(manifest(**{name: facts}), [make_row(name, 0, "success")])
    assert found.size_mb == size


@pytest.mark.parametrize(
    ("runtime", "needs"), [("torch 2.13.0 eager", True), ("onnxruntime 1.22 CPU", False), ("", False)]
)
def test_only_a_torch_network_needs_pytorch(runtime, needs):
    (found,) = list_candidates(manifest(good={"runtime": runtime}), [make_row("good", 0, "success")])
    assert found.needs_pytorch is needs


def test_success_is_kept_by_episode():
    rows = [make_row("good", 0, "success"), make_row("good", 0, "stuck", "lighting=2")]
    (found,) = list_candidates(manifest(good={}), rows)
    assert found.success == {("corridor", "none", 0): True, ("corridor", "lighting=2", 0): False}
