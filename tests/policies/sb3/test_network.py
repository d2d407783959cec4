"""The network's config is its whole shape, and its actions stay within limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from policies.sb3.network import Sb3Config, Sb3Network
from policies.sb3.observed_parts import ObservedParts
from scenarios.common.errors import InputError

BOTH = Sb3Config(ObservedParts(("agent_pos", "pixels"), (36, 40)), image_features=5, hidden=(7, 6))
STATE = Sb3Config(ObservedParts(("agent_pos",), None), image_features=0, hidden=())


def observe(rows: int, scale: float = 1.0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (rows, 36, 40, 3), generator=generator, dtype=torch.uint8)
    return {"pixels": pixels, "agent_pos": scale * torch.randn(rows, 6, generator=generator)}


@pytest.mark.parametrize("config", [BOTH, STATE, replace(BOTH, squashes=True, mean_limit=2.0, activation="ELU")])
def test_a_checkpoint_holds_the_whole_network(config: Sb3Config, tmp_path: Path) -> None:
    network = Sb3Network(config)
    network.save_pretrained(tmp_path)
    again = Sb3Network.from_pretrained(tmp_path)
    assert again.config == config
    assert torch.allclose(again(observe(4)), network(observe(4)), atol=0.01)


@pytest.mark.parametrize("config", [STATE, replace(STATE, squashes=True)])
def test_actions_never_leave_their_limits(config: Sb3Config) -> None:
    actions = Sb3Network(config)(observe(50, scale=100.0))
    assert actions.abs().max().item() == pytest.approx(1.0)


def test_a_bounded_mean_keeps_squashed_actions_from_their_limits() -> None:
    actions = Sb3Network(replace(STATE, squashes=True, mean_limit=2.0))(observe(50, scale=100.0))
    assert actions.abs().max().item() == pytest.approx(torch.tanh(torch.tensor(2.0)).item())


def test_a_robots_action_depends_on_its_own_observation_alone() -> None:
    network, seen = Sb3Network(BOTH).eval(), observe(3)
    alone = {key: values[1:2] for key, values in seen.items()}
    assert torch.allclose(network(seen)[1:2], network(alone), atol=1e-6)


def test_pixels_are_divided_only_where_the_config_says_so() -> None:
    network = Sb3Network(BOTH)
    plain = Sb3Network(replace(BOTH, scales_pixels=False))
    plain.load_state_dict(network.state_dict())
    assert not torch.allclose(network(observe(2)), plain(observe(2)))


def test_what_can_not_be_built_is_named() -> None:
    with pytest.raises(InputError, match="unknown activation 'Swish'"):
        Sb3Network(replace(BOTH, activation="Swish"))
    with pytest.raises(InputError, match="frames of 35x64 pixels are too small for NatureCNN: it needs 36"):
        Sb3Network(replace(BOTH, parts=ObservedParts(("pixels",), (35, 64))))
