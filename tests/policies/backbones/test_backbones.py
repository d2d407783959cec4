from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from policies.backbones.backbones import FEATURES, Backbones
from scenarios.common.errors import InputError

INSTRUCTIONS = ["go to the red ball", "go"]


@pytest.fixture(scope="module")
def backbones(hybrid) -> Backbones:
    return hybrid.backbones


@pytest.fixture(scope="module")
def planes(backbones) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 3, backbones.image_size, backbones.image_size, generator=generator) * 255


def _features(backbones: Backbones, planes: torch.Tensor, names) -> dict[str, torch.Tensor]:
    with torch.inference_mode():
        return backbones.features(planes, backbones.prompts.encode(INSTRUCTIONS), names)


def test_every_feature_has_the_declared_width_a_row_per_frame(backbones, planes) -> None:
    found = _features(backbones, planes, FEATURES)
    assert list(found) == list(FEATURES)
    for name, value in found.items():
        tokens = [1 + backbones.patches[name.split("_")[0]]] if name.endswith("_tokens") else []
        assert value.shape == (2, *tokens, backbones.widths[name]), name
        assert torch.isfinite(value).all()


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_is_the_same_alone_and_among_all(backbones, planes, name: str) -> None:
    alone = _features(backbones, planes, [name])
    assert list(alone) == [name]
    assert torch.equal(alone[name], _features(backbones, planes, FEATURES)[name])


def test_pooled_features_are_the_first_tokens_and_pointing_is_a_probability(backbones, planes) -> None:
    found = _features(backbones, planes, FEATURES)
    for kind in ("clip", "kosmos2"):
        assert torch.equal(found[f"{kind}_vision"], found[f"{kind}_tokens"][:, 0])
    assert ((found["kosmos2_pointing"] >= 0.0) & (found["kosmos2_pointing"] <= 1.0)).all()


def test_vision_features_depend_on_the_frame_alone_and_text_features_on_the_words(backbones, planes) -> None:
    same = _features(backbones, planes[:1].expand_as(planes), FEATURES)
    for name in ("clip_vision", "kosmos2_vision"):
        assert torch.allclose(same[name][0], same[name][1], atol=1e-5)
    for name in ("clip_text", "kosmos2_text", "kosmos2_pointing"):
        assert not torch.allclose(same[name][0], same[name][1], atol=1e-4)


def test_both_attention_kernels_compute_the_same(backbones, planes) -> None:
    answers = []
    for kernel in ("sdpa", "eager"):
        backbones.set_attention_kernel(kernel)
        answers.append(_features(backbones, planes, FEATURES))
    for name in FEATURES:
        assert torch.allclose(answers[0][name], answers[1][name], atol=1e-4), name


def test_towers_that_take_pictures_of_different_sizes_are_bad_input(backbones) -> None:
    config = replace(backbones.config, kosmos2=deepcopy(backbones.config.kosmos2))
    config.kosmos2["vision_config"]["image_size"] = 56
    with pytest.raises(InputError, match="the same size: CLIP takes 112 pixels, Kosmos-2 56"):
        Backbones(config, backbones.prompts)
