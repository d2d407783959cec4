from __future__ import annotations

import pytest
import torch

from policies.backbones.feature_source import FeatureSource
from policies.systems.finetuned_clip import FineTunedClip

NAMES = ("clip_vision", "clip_text")


@pytest.fixture(scope="module")
def sources(hybrid) -> tuple[FeatureSource, FeatureSource]:
    """The shared backbones, and a CLIP of a system's own that starts as a copy of theirs."""
    return hybrid.backbones, FineTunedClip.from_backbones(hybrid.backbones).eval()


def test_both_sources_compute_the_same_features_from_the_same_weights(sources) -> None:
    planes = torch.rand(2, 3, sources[0].image_size, sources[0].image_size, generator=torch.Generator().manual_seed(0))
    prompt = sources[0].prompts.encode(["go to the red ball", "go"])
    with torch.inference_mode():
        one, other = (source.features(planes * 255, prompt, NAMES) for source in sources)
    assert set(one) == set(other) == set(NAMES)
    assert all(torch.allclose(one[name], other[name], atol=1e-6) for name in NAMES)


def test_a_text_feature_that_is_known_is_taken_as_it_is(sources) -> None:
    prompt = sources[0].prompts.encode(["go"])
    planes = torch.zeros(1, 3, sources[0].image_size, sources[0].image_size)
    for source in sources:
        known = torch.full_like(source.text(prompt.clip), 7.0)
        assert source.features(planes, prompt, ["clip_text"], known)["clip_text"] is known


def test_an_unknown_feature_is_an_error_that_names_it(sources) -> None:
    prompt = sources[0].prompts.encode(["go"])
    planes = torch.zeros(1, 3, sources[0].image_size, sources[0].image_size)
    for source in sources:
        with pytest.raises(ValueError, match="clip_smell"):
            source.features(planes, prompt, ["clip_smell"])


def test_a_source_must_define_all_of_it() -> None:
    with pytest.raises(TypeError, match="features"):
        FeatureSource()
