"""Laws of networks with a memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import torch
from torch import nn

from policies.recurrent_network import RecurrentNetwork, build_action_mlp

FEATURES = 5


@dataclass(frozen=True)
class _Config:
    layers: int
    width: int = 6


class _Network(RecurrentNetwork):
    model_type = "small"
    config: _Config

    def __init__(self, config: _Config) -> None:
        super().__init__()
        self.config = config
        self.project = nn.Sequential(nn.Linear(FEATURES, 4), nn.GELU())
        self.memory = nn.GRU(4, config.width, config.layers, batch_first=True)
        self.action = build_action_mlp(config.width + 4, (8, 7))

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        return cls(_Config(**config))


@pytest.fixture(params=[1, 2])
def network(request: pytest.FixtureRequest) -> _Network:
    torch.manual_seed(request.param)
    return _Network(_Config(request.param)).eval()


def test_frames_one_by_one_give_what_all_at_once_give(network: _Network) -> None:
    features, state, actions = torch.randn(3, 5, FEATURES), network.initial_state(3), []
    whole = network.head(features, state)
    for frame in range(5):
        output = network.head(features[:, frame : frame + 1], state)
        state = output.state
        actions.append(output.actions)
    assert torch.allclose(torch.cat(actions, dim=1), whole.actions, atol=1e-6)
    assert torch.allclose(state, whole.state, atol=1e-6)


def test_actions_lie_within_one(network: _Network) -> None:
    actions = network.head(1e4 * torch.randn(2, 3, FEATURES), network.initial_state(2)).actions
    assert actions.shape == (2, 3, 3)
    assert actions.abs().max() <= 1.0


def test_a_frame_reaches_its_action_beside_the_memory_and_later_ones_through_it(network: _Network) -> None:
    features = torch.randn(1, 3, FEATURES)
    changed = features.clone()
    changed[0, 1] += 1.0
    one, other = (network.head(each, network.initial_state(1)).actions[0] for each in (features, changed))
    assert torch.equal(one[0], other[0])
    assert not torch.equal(one[1], other[1])
    assert not torch.equal(one[2], other[2])


def test_a_saved_network_is_built_by_its_config(network: _Network, tmp_path: Path) -> None:
    network.save_pretrained(tmp_path)
    assert _Network.from_pretrained(tmp_path).config == network.config


def test_weights_of_an_action_keep_their_names_in_checkpoints() -> None:
    """Checkpoints store them by these names."""
    for hidden, places in (((), (0,)), ((4,), (0, 2)), ((4, 5), (0, 2, 4))):
        names = [f"{place}.{kind}" for place in places for kind in ("weight", "bias")]
        assert list(build_action_mlp(3, hidden).state_dict()) == names
