from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

from policies.inference.episode_state import EpisodeStates
from policies.inference.network_policy import NetworkPolicy
from policies.inference.weights import hash_networks
from policies.policy import InferenceRuntime, ObservationBatch, PolicySpec, PolicyWithWeights
from scenarios.robot import IMAGE_SIZE


class _Output(NamedTuple):
    actions: torch.Tensor
    state: torch.Tensor


class _Frame(nn.Module):
    """Counts the frames of each slot, and says how much of the instruction it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, pixels, text, kosmos2_ids, lengths, state) -> _Output:
        state = state + self.scale
        actions = torch.stack([state[:, 0], text.abs().sum(1), lengths.float()], dim=1)
        return _Output(actions[:, None], state)


class _Counting(NetworkPolicy):
    def __init__(self, source, features) -> None:
        spec = PolicySpec("counting", IMAGE_SIZE, 0.1, (0.0, 0.0, 0.0))
        width = source.widths["clip_text"]
        states = EpisodeStates(lambda n: torch.zeros(n, 1), width, source.prompts.length)
        self.frame = _Frame()
        super().__init__(spec, self.frame, source, features, states)

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        return (self.frame,)

    def _select_actions(self, predicted: np.ndarray) -> np.ndarray:
        return predicted


def _batch(n: int) -> ObservationBatch:
    return ObservationBatch(np.zeros((n, 8, 8, 3), np.uint8), np.zeros((n, 6), np.float32), np.ones(n, bool))


def test_each_slot_counts_from_its_own_reset(hybrid) -> None:
    policy = _Counting(hybrid.backbones, ("clip_text",))
    policy.reset([0, 1], ["go to the red ball"] * 2)
    policy.act(_batch(2))
    policy.reset([1], ["go"])
    actions = policy.act(_batch(2))
    assert actions[:, 0].tolist() == [2.0, 1.0]
    assert actions[0, 2] > actions[1, 2]  # the shorter instruction has fewer ids


@pytest.mark.parametrize("features", [("clip_text",), ("clip_vision",)])
def test_the_text_feature_is_computed_for_those_who_take_it(hybrid, features) -> None:
    policy = _Counting(hybrid.backbones, features)
    policy.reset([0], ["go"])
    assert (policy.act(_batch(1))[0, 1] > 0.0) == ("clip_text" in features)


def test_it_is_a_policy_with_weights_that_states_its_runtime(hybrid) -> None:
    policy = _Counting(hybrid.backbones, ())
    assert isinstance(policy, PolicyWithWeights)
    assert policy.weights_sha256 == hash_networks([policy.frame])
    assert policy.spec.runtime.endswith(" eager")
    policy.reset([0], ["go"])
    eager = policy.act(_batch(1))
    policy.apply_runtime(InferenceRuntime(compile="export"))
    assert policy.spec.runtime.endswith(" export")
    policy.reset([0], ["go"])
    assert np.allclose(policy.act(_batch(1)), eager)


def test_a_batch_without_frames_is_refused(hybrid) -> None:
    policy = _Counting(hybrid.backbones, ())
    with pytest.raises(ValueError, match="'counting' takes frames: a batch for it needs 'pixels'"):
        policy.act(ObservationBatch(None, np.zeros((1, 6), np.float32), np.ones(1, bool)))
