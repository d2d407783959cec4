from __future__ import annotations

import pytest
import torch

from policies.blind.network import BlindNetwork, build_blind_network, collect_words
from scenarios.common.errors import InputError

WORDS = collect_words(["pass on the left", "pass on the right", "go to the Cup"])


def test_the_words_are_those_of_the_instructions_and_others_are_ignored() -> None:
    assert WORDS == ("cup", "go", "left", "on", "pass", "right", "the", "to")
    network = build_blind_network(WORDS, 0)
    assert torch.equal(*network.encode(["Go left!", "left unknown go"]))
    assert not torch.equal(*network.encode(["go left", "go right"]))


def test_steps_one_by_one_give_what_the_whole_sequence_gives() -> None:
    network = build_blind_network(WORDS, 0).eval()
    words, odometry = network.encode(["pass on the left"] * 2), torch.randn(2, 7, 6)
    whole = network(words, odometry, network.initial_state(2))
    state, actions = network.initial_state(2), []
    for step in range(7):
        output = network(words, odometry[:, step : step + 1], state)
        state = output.state
        actions.append(output.actions)
    assert torch.allclose(whole.actions, torch.cat(actions, dim=1), atol=1e-6)
    assert whole.actions.abs().max() <= 1.0


def test_it_is_small_and_is_loaded_as_it_was_saved(tmp_path) -> None:
    network = build_blind_network(WORDS, 0)
    network.save_pretrained(tmp_path)
    loaded = BlindNetwork.from_pretrained(tmp_path)
    assert loaded.config == network.config
    assert (tmp_path / "model.safetensors").stat().st_size < 400_000
    for one, other in zip(network.parameters(), loaded.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-3)


def test_another_kind_of_checkpoint_is_one_sentence(tmp_path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "hybrid"}')
    with pytest.raises(InputError, match="'blind-network'"):
        BlindNetwork.from_pretrained(tmp_path)
