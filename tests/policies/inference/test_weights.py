from __future__ import annotations

import hashlib

import pytest
import torch
from torch import nn

from policies.inference.weights import hash_networks


@pytest.fixture
def layers() -> tuple[nn.Linear, nn.Linear]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Linear(3, 2), nn.Linear(3, 2)


def test_equal_weights_have_equal_hashes_and_others_others(layers) -> None:
    one, other = layers
    first = hash_networks([one])
    assert first == hash_networks([one])
    assert len({first, hash_networks([other]), hash_networks(layers), hash_networks(layers[::-1])}) == 4


def test_precision_shape_and_name_count(layers) -> None:
    one, _ = layers
    first = hash_networks([one])
    assert first != hash_networks([nn.Sequential(one)])
    half = nn.Linear(3, 2)
    half.load_state_dict(one.state_dict())
    assert hash_networks([half]) == first
    assert hash_networks([half.half()]) != first


def test_buffers_count(layers) -> None:
    one, _ = layers
    first = hash_networks([one])
    one.register_buffer("scale", torch.ones(1))
    assert hash_networks([one]) != first


def test_the_hash_of_known_weights_never_changes() -> None:
    network = nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(1.0)
        network.bias.fill_(0.0)
    one, zero = b"\x00\x00\x80?", b"\x00\x00\x00\x00"
    expected = hashlib.sha256(b"bias/torch.float32/(1,)" + zero + b"weight/torch.float32/(1, 1)" + one)
    assert hash_networks([network]) == expected.hexdigest()


def test_nothing_without_weights_has_a_hash() -> None:
    assert hash_networks([]) is None
    assert hash_networks([nn.ModuleList()]) is None
