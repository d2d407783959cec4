from __future__ import annotations

import pytest
import torch

from policies.backbones.backbones import FEATURES
from policies.backbones.preprocessing import downsample_frames
from policies.systems.finetuned_clip import FineTunedClip

INSTRUCTIONS = ["go to the red ball", "go"]


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    return torch.randint(0, 256, (2, 224, 224, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def _compare(source, pixels: torch.Tensor, names) -> None:
    prompt = source.prompts.encode(INSTRUCTIONS)
    with torch.inference_mode():
        text = source.text(prompt.clip)
        theirs = source.features(downsample_frames(pixels, source.image_size), prompt, names, text)
        ours = source.fuse()(pixels, prompt, names, text)
    assert list(ours) == list(theirs)
    for name in names:
        assert torch.allclose(ours[name], theirs[name], atol=1e-4), name


def test_all_features_equal_those_of_the_backbones(hybrid, pixels) -> None:
    _compare(hybrid.backbones, pixels, list(FEATURES))


@pytest.mark.parametrize("name", FEATURES)
def test_one_feature_alone_is_what_it_is_among_all(hybrid, pixels, name: str) -> None:
    _compare(hybrid.backbones, pixels, [name])


def test_features_equal_those_of_a_systems_own_clip(hybrid, pixels) -> None:
    _compare(FineTunedClip.from_backbones(hybrid.backbones).eval(), pixels, ["clip_vision", "clip_text"])
