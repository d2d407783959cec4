from __future__ import annotations

import numpy as np
import pytest

from policies.policy import InferenceRuntime
from policies.reference.policy import ReferencePolicy
from policies.registry import make_policy
from scenarios.common.errors import InputError

WORDS = ["drive to the red ball", "drive to the blue ball", "the ball", "", "drive"]


@pytest.fixture
def folder(network, tmp_path):
    network.save_pretrained(tmp_path / "mine")
    return tmp_path / "mine"


def drive(policy, frames, steps: int = 3) -> list[np.ndarray]:
    policy.reset(range(5), WORDS)
    return [policy.act(frames(step, 5)) for step in range(steps)]


def test_a_folder_drives_under_its_name(folder, frames) -> None:
    policy = make_policy(str(folder))
    actions = drive(policy, frames)[0]
    assert policy.spec.parameters == policy.network.parameter_count
    assert (actions.shape, actions.dtype) == ((5, 3), np.float32)
    assert np.abs(actions).max() <= 1.0


def test_a_slot_depends_on_its_own_episode_alone(network, frames) -> None:
    alone, disturbed = ReferencePolicy(network, "a"), ReferencePolicy(network, "b")
    drive(alone, frames), drive(disturbed, frames)
    disturbed.reset([1, 3], ["the ball", "drive"])
    kept = [0, 2, 4]
    one, other = alone.act(frames(9, 5)), disturbed.act(frames(9, 5))
    assert np.array_equal(one[kept], other[kept])


def test_a_slot_that_is_not_live_keeps_its_map(network, frames) -> None:
    policy, without = ReferencePolicy(network, "a"), ReferencePolicy(network, "b")
    drive(policy, frames), drive(without, frames)
    policy.act(frames(7, 5, np.array([True, True, False, True, True])))
    assert np.array_equal(policy.act(frames(8, 5))[2], without.act(frames(8, 5))[2])


def test_a_shared_policy_has_episodes_of_its_own(network, frames) -> None:
    policy = ReferencePolicy(network, "a")
    first = drive(policy, frames)
    twin = policy.share()
    assert all(np.array_equal(a, b) for a, b in zip(first, drive(twin, frames), strict=True))
    assert twin.weights_sha256 == policy.weights_sha256


def test_it_runs_on_the_processor_alone(network) -> None:
    with pytest.raises(InputError, match="processor alone"):
        ReferencePolicy(network, "a").apply_runtime(InferenceRuntime(compile="export"))
