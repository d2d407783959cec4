from __future__ import annotations

import numpy as np
import pytest

from policies.policy import InferenceRuntime, ObservationBatch, PolicyWithWeights, check_frames
from policies.scripted.baselines import RandomPolicy, make_zero_policy

NO_FRAMES = ObservationBatch(None, np.zeros((2, 6), np.float32), np.ones(2, bool))


class _Weighted(RandomPolicy):
    weights_sha256 = "ab12"

    def apply_runtime(self, runtime: InferenceRuntime) -> None: ...


def test_any_policy_with_both_members_is_one_with_weights() -> None:
    assert isinstance(_Weighted(), PolicyWithWeights)
    assert not isinstance(make_zero_policy(), PolicyWithWeights)


@pytest.mark.parametrize(
    ("runtime", "typed"),
    [
        (InferenceRuntime(provider="cuda"), "--provider cuda"),
        (InferenceRuntime(compile="export"), "--compile export"),
        (InferenceRuntime(provider="cuda", compile="export"), "--provider cuda --compile export"),
        (InferenceRuntime(device="cuda:1", precision="bf16"), "--device cuda:1 --precision bf16"),
    ],
)
def test_a_runtime_is_told_as_it_was_typed(runtime: InferenceRuntime, typed: str) -> None:
    assert runtime.flags == typed


def test_frames_are_given_back_and_their_lack_names_the_policy() -> None:
    pixels = np.zeros((2, 4, 4, 3), np.uint8)
    spec = make_zero_policy().spec
    assert check_frames(ObservationBatch(pixels, NO_FRAMES.agent_pos, NO_FRAMES.live), spec) is pixels
    with pytest.raises(ValueError, match="'zero' takes frames: a batch for it needs 'pixels'"):
        check_frames(NO_FRAMES, spec)
