from __future__ import annotations

import torch

from policies.hybrid.policy import HybridPolicy
from policies.inference.network_policy import NetworkPolicy


def test_both_parts_in_turn_are_the_whole(hybrid) -> None:
    policy: NetworkPolicy = HybridPolicy(hybrid, "hybrid")
    network, held = policy.network, policy._states
    policy.reset([0, 1], ["go to the red ball", "go"])
    pixels = torch.randint(0, 256, (2, 224, 224, 3), dtype=torch.uint8)
    with torch.inference_mode():
        features = network.features(pixels, held.text, held.ids, held.lengths)
        apart = network.decide(features, held.state)
        whole = network(pixels, held.text, held.ids, held.lengths, held.state)
    assert set(features) == set(network.names)
    assert torch.equal(apart.actions, whole.actions)
    assert torch.equal(apart.state, whole.state)
