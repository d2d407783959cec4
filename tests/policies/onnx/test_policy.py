from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from policies.onnx.policy import OnnxPolicy
from policies.policy import InferenceRuntime
from policies.registry import make_policy
from scenarios.common.errors import InputError

pytestmark = pytest.mark.slow  # needs an exported file

INSTRUCTIONS = ["drive to the red ball", "go to the blue cone", "find the green barrel"]


def _policy(file: Path, n: int = 3) -> OnnxPolicy:
    policy = OnnxPolicy.load(file, "test")
    policy.reset(range(n), INSTRUCTIONS[:n])
    return policy


def test_a_path_makes_the_policy(file) -> None:
    policy = make_policy(str(file))
    assert isinstance(policy, OnnxPolicy)
    assert policy.spec.runtime.startswith("onnxruntime ")
    assert policy.spec.runtime.endswith("CPUExecutionProvider")
    assert policy.spec.parameters > 100_000
    assert len(policy.weights_sha256) == 64


def test_actions_are_float32_in_range_one_row_per_slot(file, frames) -> None:
    actions = _policy(file).act(frames(0, 3))
    assert actions.shape == (3, 3)
    assert actions.dtype == np.float32
    assert np.abs(actions).max() <= 1.0
    assert len(np.unique(actions, axis=0)) == 3


def test_a_slots_bits_do_not_depend_on_the_batch(file, frames) -> None:
    many, alone = _policy(file), OnnxPolicy.load(file, "test")
    alone.reset([0], INSTRUCTIONS[1:2])
    for step in range(3):
        batch = frames(step, 3)
        single = frames(step, 1)
        single.pixels[0] = batch.pixels[1]
        assert np.array_equal(many.act(batch)[1], alone.act(single)[0])


def test_resetting_a_slot_makes_it_forget_and_leaves_the_others(file, frames) -> None:
    policy, fresh, kept = _policy(file), _policy(file), _policy(file)
    for step in range(2):
        policy.act(frames(step, 3))
        kept.act(frames(step, 3))
    policy.reset([2], [INSTRUCTIONS[2]])
    answer, undisturbed = policy.act(frames(9, 3)), kept.act(frames(9, 3))
    assert np.array_equal(answer[2], fresh.act(frames(9, 3))[2])
    assert np.array_equal(answer[:2], undisturbed[:2])
    assert not np.array_equal(answer[2], undisturbed[2])


def test_the_instruction_matters(file, frames) -> None:
    batch = frames(0, 3)
    batch.pixels[1:] = batch.pixels[0]
    assert len(np.unique(_policy(file).act(batch), axis=0)) == 3


def test_a_slot_whose_episode_ended_is_held(file, frames) -> None:
    policy = _policy(file)
    actions = policy.act(frames(0, 3, live=np.array([True, False, True])))
    assert np.array_equal(actions[1], policy.spec.hold_action)
    assert actions[0].any()


def test_a_batch_without_frames_is_refused(file, frames) -> None:
    batch = frames(0, 3)
    with pytest.raises(ValueError, match="needs 'pixels'"):
        _policy(file).act(type(batch)(None, batch.agent_pos, batch.live))


def test_driving_needs_neither_torch_nor_transformers(file) -> None:
    code = f"""
import sys
sys.modules["torch"] = sys.modules["transformers"] = None
import numpy as np
from policies.policy import ObservationBatch
from policies.registry import make_policy
del sys.modules["torch"]
policy = make_policy({str(file)!r})
policy.reset([0], ["go to the red ball"])
batch = ObservationBatch(np.zeros((1, 224, 224, 3), np.uint8), np.zeros((1, 6), np.float32), np.ones(1, bool))
print(policy.act(batch).shape, "torch" in sys.modules)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "(1, 3) False"


def test_a_file_is_not_compiled_again(file) -> None:
    with pytest.raises(InputError, match="omit --compile export"):
        make_policy(str(file), InferenceRuntime(compile="export"))
    with pytest.raises(InputError, match="--provider cuda runs it on a GPU, not --device cuda"):
        make_policy(str(file), InferenceRuntime(device="cuda"))
    with pytest.raises(InputError, match="omit --precision bf16"):
        make_policy(str(file), InferenceRuntime(precision="bf16"))


def test_a_slot_that_is_not_live_keeps_its_state_and_a_shared_policy_has_its_own(file, frames) -> None:
    policy = _policy(file, 2)
    other = policy.share()
    other.reset(range(2), INSTRUCTIONS[:2])
    policy.act(frames(0, 2))
    policy.act(frames(1, 2, np.array([False, True])))
    other.act(frames(0, 2))
    assert np.array_equal(policy.act(frames(2, 2))[0], other.act(frames(2, 2))[0])
