from __future__ import annotations

import pytest
import torch
from transformers import Kosmos2Config, Kosmos2Model

from policies.backbones.kosmos2 import (
    build_kosmos2,
    compact_kosmos2_config,
    encode_image_tokens,
    load_kosmos2,
    pointing_logits,
    run_decoder,
    select_last_state,
    uncover_latents,
)
from policies.backbones.pretrained import WeightsSource
from policies.backbones.text.prompts import Prompt


@pytest.fixture(scope="module")
def kosmos2():
    torch.manual_seed(0)
    return build_kosmos2(compact_kosmos2_config(vocabulary=120, pad=1, bos=0, eos=3)).eval()


def _text(model, planes, ids, lengths):
    prompt = Prompt(ids, ids, lengths)
    return select_last_state(run_decoder(model, encode_image_tokens(model, planes), ids), prompt)


def test_the_decoder_answers_as_transformers_does_with_its_image_mask(kosmos2) -> None:
    planes = torch.randn(2, 3, 112, 112)
    ids = torch.tensor([[0, 4, 5, 6, 90, 91, 10], [0, 4, 5, 6, 80, 10, 1]])
    latents = kosmos2.config.latent_query_num
    spaced = torch.cat([ids[:, :2], torch.full((2, latents), 7), ids[:, 2:]], dim=1)
    mask = torch.zeros_like(spaced)
    mask[:, 2 : 2 + latents] = 1
    with torch.inference_mode():
        logits = kosmos2(pixel_values=planes, input_ids=spaced, image_embeds_position_mask=mask).logits
        states = run_decoder(kosmos2, encode_image_tokens(kosmos2, planes), ids)
        ours = kosmos2.text_model.lm_head(states)
    assert torch.allclose(ours[0], logits[0], atol=1e-4)
    assert torch.allclose(ours[1, :-1], logits[1, :-1], atol=1e-4)  # the last is padding


def test_the_vision_feature_is_the_pooler(kosmos2) -> None:
    planes = torch.randn(2, 3, 112, 112)
    with torch.inference_mode():
        pooled = kosmos2.vision_model(planes).pooler_output
        assert torch.allclose(encode_image_tokens(kosmos2, planes)[:, 0], pooled, atol=1e-5)


def test_a_saved_kosmos2_loads_by_the_way_of_the_full_one_with_equal_features(kosmos2, tmp_path) -> None:
    kosmos2.save_pretrained(tmp_path)
    loaded = load_kosmos2(WeightsSource(str(tmp_path)))
    planes, ids, lengths = torch.randn(1, 3, 112, 112), torch.tensor([[0, 4, 5, 6, 90, 10]]), torch.tensor([6])
    with torch.inference_mode():
        assert torch.allclose(encode_image_tokens(kosmos2, planes), encode_image_tokens(loaded, planes), atol=1e-5)
        one, other = _text(kosmos2, planes, ids, lengths), _text(loaded, planes, ids, lengths)
    assert torch.allclose(one, other, atol=1e-5)


def test_the_text_feature_sees_the_image_and_the_words(kosmos2) -> None:
    planes = torch.randn(2, 3, 112, 112)
    ids, lengths = torch.tensor([[0, 4, 5, 6, 90, 10], [0, 4, 5, 6, 91, 10]]), torch.tensor([6, 6])
    with torch.inference_mode():
        plain = _text(kosmos2, planes[:1].repeat(2, 1, 1, 1), ids, lengths)
        seen = _text(kosmos2, planes, ids[:1].repeat(2, 1), lengths)
    assert not torch.allclose(plain[0], plain[1], atol=1e-4)
    assert not torch.allclose(seen[0], seen[1], atol=1e-4)


def test_pointing_finds_the_patch_that_is_like_the_query() -> None:
    cells = torch.eye(64)[None] * 100.0
    for place in (0, 17, 63):
        odds = pointing_logits(cells, torch.eye(64)[place][None])
        assert odds.argmax() == place
        assert odds[0, place] > 0 > odds[0].sort().values[-2]


def test_the_full_size_is_the_published_one() -> None:
    with torch.device("meta"):
        model = Kosmos2Model(Kosmos2Config())
    assert sum(weight.numel() for weight in model.parameters()) == 1_664_485_376


def test_latents_see_all_patches_where_transformers_would_mask_them(kosmos2) -> None:
    model = Kosmos2Model(kosmos2.config).eval()
    tokens = encode_image_tokens(model, torch.randn(1, 3, 112, 112))
    answers = []
    for kernel in ("eager", "sdpa"):
        model.set_attn_implementation(kernel)
        model.image_to_text_projection.x_attn.is_causal = True  # as in transformers 5.17
        uncover_latents(model)
        answers.append(model.image_to_text_projection(tokens)[0])
    assert torch.allclose(*answers, atol=1e-5)
