"""A small reference network."""

from __future__ import annotations

import pytest

from policies.reference.network import ReferenceConfig, ReferenceNetwork, build_reference

WORDS = ("ball", "blue", "corridor", "drive", "red", "the", "to")
SHAPE = {"stem": (4, 8, 8), "width": 24, "heads": 2, "text_blocks": 1, "blocks": (1, 1), "places": 2}


@pytest.fixture(scope="session")
def network() -> ReferenceNetwork:
    """Fresh weights, with pointing and modulation that do something; tests leave it as it is."""
    import torch

    torch.set_num_threads(1)
    made = build_reference(ReferenceConfig(WORDS, fused=32, memory=16, hidden=(16, 16), **SHAPE), 1000).eval()
    with torch.no_grad():
        for modulation in made.modulations:
            torch.nn.init.normal_(modulation.scales.weight, std=0.1)
    return made
