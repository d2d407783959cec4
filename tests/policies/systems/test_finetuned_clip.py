from __future__ import annotations

import pytest
import torch

from policies.systems.finetuned_clip import FineTunedClip

NAMES = ("clip_vision", "clip_text")


@pytest.fixture
def clip(backbones) -> FineTunedClip:
    return FineTunedClip.from_backbones(backbones).eval()


@pytest.fixture(scope="module")
def planes() -> torch.Tensor:
    return torch.rand(2, 3, 112, 112, generator=torch.Generator().manual_seed(0)) * 255


def test_it_starts_as_a_copy_of_the_shared_clip(clip, backbones) -> None:
    for mine, shared in ((clip.vision, backbones.clip_vision), (clip.words, backbones.clip_text)):
        for name, value in shared.state_dict().items():
            assert torch.equal(mine.state_dict()[name], value)


def test_it_trains_and_leaves_the_shared_clip_alone(clip, backbones, planes) -> None:
    before = {name: value.clone() for name, value in backbones.state_dict().items()}
    found = clip.features(planes, clip.prompts.encode(["go left", "go right"]), NAMES)
    sum(value.square().sum() for value in found.values()).backward()
    assert all(weight.requires_grad for weight in clip.parameters())
    with torch.no_grad():
        for weight in clip.parameters():
            weight.add_(1.0)
    assert all(torch.equal(value, before[name]) for name, value in backbones.state_dict().items())


@pytest.mark.parametrize("names", [("clip_vision",), ("clip_text",), NAMES, ()])
def test_only_the_named_features_are_computed(clip, planes, names: tuple[str, ...]) -> None:
    with torch.inference_mode():
        found = clip.features(planes, clip.prompts.encode(["go", "turn"]), names)
    assert set(found) == set(names)
    assert all(len(value) == 2 for value in found.values())


def test_both_attention_kernels_compute_the_same(clip, planes) -> None:
    answers = []
    for kernel in ("eager", "sdpa"):
        clip.set_attention_kernel(kernel)
        with torch.inference_mode():
            answers.append(clip.features(planes, clip.prompts.encode(["go", "turn"]), NAMES))
    assert all(torch.allclose(answers[0][name], answers[1][name], atol=1e-4) for name in NAMES)


def test_features_of_kosmos2_are_an_error_that_names_them(clip, planes) -> None:
    with pytest.raises(ValueError, match=r"computes 'clip_vision' and 'clip_text', not \['kosmos2_text'\]"):
        clip.features(planes, clip.prompts.encode(["go", "turn"]), ["clip_vision", "kosmos2_text"])
