from __future__ import annotations

import numpy as np
import pytest

from policies.blind.network import build_blind_network
from policies.blind.policy import BlindNetworkPolicy
from policies.policy import InferenceRuntime, ObservationBatch
from policies.registry import make_policy
from scenarios.common.errors import InputError

ASKED = ["pass on the left", "pass on the right"]


@pytest.fixture
def policy() -> BlindNetworkPolicy:
    return BlindNetworkPolicy(build_blind_network(("left", "right"), 0), "mine")


def batch(*x_m: float) -> ObservationBatch:
    agent_pos = np.zeros((len(x_m), 6), np.float32)
    agent_pos[:, 3] = x_m
    return ObservationBatch(None, agent_pos, np.ones(len(x_m), bool))


def test_it_takes_words_and_odometry_and_no_image(policy) -> None:
    assert policy.spec.image_size is None
    assert policy.spec.parameters > 0
    policy.reset([0, 1], ASKED)
    told = policy.act(batch(0.0, 0.0))
    assert told.shape == (2, 3)
    assert not np.allclose(told[0], told[1])
    policy.reset([0, 1], ASKED[:1] * 2)
    moved = policy.act(batch(0.0, 3.0))
    assert not np.allclose(moved[0], moved[1])


def test_a_new_episode_forgets_the_earlier_one_and_leaves_the_other_slots(policy) -> None:
    policy.reset([0, 1], ASKED)
    first = policy.act(batch(0.0, 0.0))
    second = policy.act(batch(1.0, 1.0))
    policy.reset([0, 1], ASKED)
    policy.act(batch(0.0, 0.0))
    policy.reset([0], ASKED[:1])
    mixed = policy.act(batch(0.0, 1.0))
    assert np.allclose(mixed[0], first[0], atol=1e-6)
    assert np.allclose(mixed[1], second[1], atol=1e-6)


def test_it_is_made_from_its_checkpoint_and_a_missing_one_says_how_to_train_it(policy, tmp_path, monkeypatch) -> None:
    policy.network.save_pretrained(tmp_path / "blind-network")
    monkeypatch.setattr("policies.names.shipped.CHECKPOINTS", tmp_path)
    assert make_policy("blind-network").spec.name == "blind-network"
    monkeypatch.setattr("policies.names.shipped.CHECKPOINTS", tmp_path / "nowhere")
    with pytest.raises(InputError, match="train blind-network --out"):
        make_policy("blind-network")


def test_it_runs_on_the_processor_alone(policy) -> None:
    policy.apply_runtime(InferenceRuntime())
    assert "eager" in policy.spec.runtime
    assert policy.weights_sha256
    with pytest.raises(InputError, match="omit --device cuda"):
        policy.apply_runtime(InferenceRuntime(device="cuda"))


def test_a_slot_that_is_not_live_keeps_its_memory_and_a_shared_policy_has_its_own(policy) -> None:
    other = policy.share()
    for each in (policy, other):
        each.reset([0, 1], ASKED)
    there = batch(0.5, 0.5)
    first = policy.act(there)
    paused = ObservationBatch(None, there.agent_pos, np.array([False, True]))
    policy.act(paused)
    assert np.array_equal(other.act(there), first)
    assert np.array_equal(policy.act(there)[0], other.act(there)[0])
