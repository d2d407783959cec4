from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

from policies.backbones.fused.features import FusedFeatures
from policies.inference.episode_state import EpisodeStates
from policies.inference.frame_network import FrameNetwork
from policies.inference.network_policy import NetworkPolicy
from policies.inference.weights import hash_networks
from policies.policy import InferenceRuntime, ObservationBatch, PolicySpec, PolicyWithWeights, ShareablePolicy
from scenarios.robot import IMAGE_SIZE


class _Output(NamedTuple):
    actions: torch.Tensor
    state: torch.Tensor


class _Frame(FrameNetwork):
    """Counts the frames of each slot, and says how much of the instruction it was given."""

    def __init__(self, names) -> None:
        super().__init__(FusedFeatures(8), names)
        self.scale = nn.Parameter(torch.ones(1))
        self.computed: list[int] = []  # slots at each call

    def features(self, pixels, text, kosmos2_ids, lengths) -> dict[str, torch.Tensor]:
        self.computed.append(len(pixels))
        return {"text": text.abs().sum(1), "lengths": lengths.float(), "light": pixels.flatten(1)[:, 0].float()}

    def decide(self, features, state) -> _Output:
        state = state + self.scale
        actions = torch.stack([state[:, 0], features["text"], features["lengths"] + features["light"]], dim=1)
        return _Output(actions[:, None], state)


class _Counting(NetworkPolicy):
    def __init__(self, source, features) -> None:
        spec = PolicySpec("counting", IMAGE_SIZE, 0.1, (0.0, 0.0, 0.0))
        width = source.widths["clip_text"]
        states = EpisodeStates(lambda n: torch.zeros(n, 1), width, source.prompts.length)
        self.frame = _Frame(features)
        super().__init__(spec, self.frame, source, states)

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        return (self.frame,)

    def _select_actions(self, predicted: np.ndarray, live: np.ndarray) -> np.ndarray:
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


def test_a_slot_whose_episode_has_ended_is_not_computed_and_changes_no_other(hybrid) -> None:
    few, all_of_them = _Counting(hybrid.backbones, ()), _Counting(hybrid.backbones, ())
    for policy in (few, all_of_them):
        policy.reset(range(8), ["go"] * 8)
    live = np.ones(8, bool)
    for step in range(6):
        live[: step // 2] = False
        pixels = np.full((8, 8, 8, 3), step, np.uint8)
        part = few.act(ObservationBatch(pixels, np.zeros((8, 6), np.float32), live.copy()))
        whole = all_of_them.act(ObservationBatch(pixels, np.zeros((8, 6), np.float32), np.ones(8, bool)))
        assert (part[live] == whole[live]).all()
    assert few.frame.computed == [8, 8, 8, 7, 7, 7, 7, 8, 6, 6, 6, 6]  # each smaller number is tried at first


def test_a_slot_that_is_not_live_keeps_its_state(hybrid) -> None:
    policy = _Counting(hybrid.backbones, ())
    policy.reset([0, 1], ["go"] * 2)
    for live in ([True, True], [False, True], [False, True]):
        policy.act(ObservationBatch(_batch(2).pixels, _batch(2).agent_pos, np.array(live)))
    assert policy.act(_batch(2))[:, 0].tolist() == [2.0, 4.0]


def test_a_shared_policy_has_the_same_weights_and_episodes_of_its_own(hybrid) -> None:
    policy = _Counting(hybrid.backbones, ())
    policy.reset([0, 1], ["go"] * 2)
    policy.act(_batch(2))
    assert isinstance(policy, ShareablePolicy)
    other = policy.share()
    assert other.frame is policy.frame
    other.reset([0], ["go"])
    assert other.act(_batch(1))[:, 0].tolist() == [1.0]
    assert policy.act(_batch(2))[:, 0].tolist() == [2.0, 2.0]
