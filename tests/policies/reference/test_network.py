from __future__ import annotations

import torch

from policies.auto_models import NETWORKS
from policies.reference.network import ReferenceConfig, ReferenceNetwork, build_reference

LARGEST = 5_000_000


def look(network, words, *, seed: int = 0, odometry: float = 0.0):
    planes = torch.rand(1, 3, 112, 112, generator=torch.Generator().manual_seed(seed)) * 255.0
    return network.see(planes, network.read(network.encoder.encode([words])), torch.full((1, 3), odometry))


def test_the_reference_has_at_most_five_million_weights() -> None:
    with torch.device("meta"):
        network = ReferenceNetwork(ReferenceConfig(tuple(f"word{i}" for i in range(300))))
    assert 1_000_000 < network.parameter_count <= LARGEST


def test_pictures_words_and_odometry_all_reach_the_actions(network) -> None:
    usual = look(network, "drive to the red ball").fused
    others = [
        look(network, "drive to the red ball", seed=1),
        look(network, "drive to the blue ball"),
        look(network, "drive to the red ball", odometry=1.0),
    ]
    for other in others:
        actions = [network.head(fused[None], network.initial_state(1)).actions for fused in (usual, other.fused)]
        assert not torch.allclose(*actions, atol=1e-6)


def test_the_words_for_what_is_seen_do_not_depend_on_the_instruction_and_pointing_does(network) -> None:
    red, blue = look(network, "the red ball"), look(network, "the blue ball")
    assert torch.equal(red.tokens, blue.tokens)
    assert not torch.equal(red.pointing, blue.pointing)


def test_frames_at_once_or_one_at_a_time_get_equal_answers(network) -> None:
    fused = torch.randn(2, 5, network.project[0].in_features, generator=torch.Generator().manual_seed(0))
    whole, state = network.head(fused, network.initial_state(2)), network.initial_state(2)
    for step in range(5):
        answer = network.head(fused[:, step : step + 1], state)
        state = answer.state
        assert torch.allclose(answer.actions[:, 0], whole.actions[:, step], atol=1e-6)


def test_an_instruction_without_a_word_is_read(network) -> None:
    assert torch.isfinite(network.read(network.encoder.encode(["", "drive"]))).all()


def test_a_saved_network_is_loaded_as_it_was(network, tmp_path) -> None:
    network.save_pretrained(tmp_path)
    again = ReferenceNetwork.from_pretrained(tmp_path)
    assert again.config == network.config
    assert torch.allclose(look(again, "the red ball").fused, look(network, "the red ball").fused, atol=2e-2)
    assert ReferenceNetwork in NETWORKS


def test_equal_seeds_give_equal_weights(network) -> None:
    one, same, other = (build_reference(network.config, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)
