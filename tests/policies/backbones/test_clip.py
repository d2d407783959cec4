from __future__ import annotations

import torch

from policies.backbones.clip import (
    build_clip,
    compact_clip_config,
    encode_text_feature,
    encode_vision_feature,
    load_clip,
)
from policies.backbones.pretrained import WeightsSource


def _clip():
    torch.manual_seed(0)
    return build_clip(compact_clip_config(vocabulary=100, pad=1, bos=0, eos=3)).eval()


def test_the_features_are_the_poolers_of_transformers() -> None:
    clip, planes = _clip(), torch.randn(2, 3, 112, 112)
    ids = torch.tensor([[0, 20, 3, 1], [0, 99, 50, 3]])
    with torch.inference_mode():
        assert torch.allclose(encode_vision_feature(clip.vision_model, planes), clip.vision_model(planes).pooler_output)
        assert torch.equal(encode_text_feature(clip.text_model, ids), clip.text_model(ids).pooler_output)


def test_the_text_feature_stands_at_the_end_token_not_at_the_largest_id() -> None:
    clip = _clip()
    with torch.inference_mode():
        short = encode_text_feature(clip.text_model, torch.tensor([[0, 99, 3]]))
        padded = encode_text_feature(clip.text_model, torch.tensor([[0, 99, 3, 1, 1]]))
    assert torch.allclose(short, padded, atol=1e-6)


def test_a_saved_clip_loads_by_the_way_of_the_full_one(tmp_path) -> None:
    clip, planes = _clip(), torch.randn(1, 3, 112, 112)
    clip.save_pretrained(tmp_path)
    loaded = load_clip(WeightsSource(str(tmp_path)))
    with torch.inference_mode():
        before, after = (
            encode_vision_feature(clip.vision_model, planes),
            encode_vision_feature(loaded.vision_model, planes),
        )
    assert torch.allclose(before, after, atol=1e-6)
