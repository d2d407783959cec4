from __future__ import annotations

import pytest
import torch

from policies.backbones.clip import encode_vision_tokens
from policies.backbones.fused.vision_tower import FusedVisionTower
from policies.backbones.preprocessing import normalise_pixels


@pytest.mark.parametrize("name", ["clip", "kosmos2"])
def test_its_tokens_are_those_of_transformers_on_normalised_pixels(hybrid, name: str) -> None:
    backbones = hybrid.backbones
    tower = backbones.clip_vision if name == "clip" else backbones.kosmos2.vision_model.model
    planes = 255.0 * torch.rand(2, 3, backbones.image_size, backbones.image_size)
    with torch.inference_mode():
        theirs = encode_vision_tokens(tower, normalise_pixels(planes))
        ours = FusedVisionTower(tower)(planes.permute(0, 2, 3, 1).contiguous())
    assert torch.allclose(ours, theirs, atol=1e-4)
