"""A rebuilt network is a policy with weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, PolicyWithWeights
from policies.sb3.network import Sb3Config, Sb3Network
from policies.sb3.observed_parts import ObservedParts
from policies.sb3.policy import Sb3Policy
from policies.spec_checks import check_spec
from scenarios.common.errors import InputError

CONFIG = Sb3Config(ObservedParts(("pixels",), (40, 48), frames=2), image_features=4, hidden=(5,))


def test_its_spec_says_what_it_takes() -> None:
    policy = Sb3Policy(Sb3Network(CONFIG), "mine")
    spec = check_spec(policy.spec)
    assert (spec.name, spec.image_size, spec.history) == ("mine", (40, 48), 2)
    assert spec.parameters == sum(weight.numel() for weight in policy.network.parameters())


def test_its_weights_have_a_hash_and_another_runtime_is_refused() -> None:
    one, other = (Sb3Policy(Sb3Network(CONFIG), "mine") for _ in range(2))
    assert isinstance(one, PolicyWithWeights)
    assert one.weights_sha256 != other.weights_sha256
    one.apply_runtime(DEFAULT_RUNTIME)
    with pytest.raises(InputError, match="runs on the processor alone: omit --device cuda"):
        one.apply_runtime(InferenceRuntime(device="cuda"))


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        Sb3Policy.load(tmp_path)


def test_a_slot_that_is_not_live_keeps_its_frames_and_a_shared_policy_has_its_own() -> None:
    policy = Sb3Policy(Sb3Network(CONFIG), "mine")
    other = policy.share()
    assert other.network is policy.network
    lights = np.random.default_rng(0).integers(0, 256, (4, 2, 40, 48, 3)).astype(np.uint8)  # (step, slot, ...)
    for each in (policy, other):
        each.reset([0, 1], ["go"] * 2)
    for step, live in enumerate(([True, True], [False, True], [False, True])):
        policy.act(ObservationBatch(lights[step], np.zeros((2, 6), np.float32), np.array(live)))
    everyone = np.ones(2, bool)
    other.act(ObservationBatch(lights[0], np.zeros((2, 6), np.float32), everyone))
    batch = ObservationBatch(lights[3], np.zeros((2, 6), np.float32), everyone)
    assert np.array_equal(policy.act(batch)[0], other.act(batch)[0])
