from __future__ import annotations

import pytest
import torch
from transformers import CLIPConfig, Kosmos2Config

from policies.backbones.clip import build_clip
from policies.backbones.compact import (
    GRID,
    build_compact_backbones,
    build_compact_tokenizer,
    copy_pretrained_weights,
    special_token_ids,
)
from policies.backbones.kosmos2 import build_kosmos2
from policies.backbones.text.tokenizer import patch_token

TEXTS = ["drive to the teal ball"]


@pytest.fixture(scope="module")
def tokenizer():
    return build_compact_tokenizer(TEXTS)


def test_the_tokenizer_has_a_token_for_every_cell_of_the_grid_and_no_more(tokenizer) -> None:
    tokens = [patch_token(cell) for cell in range(GRID * GRID + 1)]
    known = [tokenizer.convert_tokens_to_ids(token) != tokenizer.unk_token_id for token in tokens]
    assert known == [True] * GRID**2 + [False]


def test_special_token_ids_are_those_of_the_tokenizer(tokenizer) -> None:
    ids = special_token_ids(tokenizer)
    assert ids["vocabulary"] == len(tokenizer.get_vocab())
    tokens = tokenizer.convert_ids_to_tokens([ids["bos"], ids["pad"], ids["eos"]])
    assert tokens == ["<s>", "<pad>", "</s>"]


def test_equal_seeds_build_equal_backbones_and_other_seeds_others(tokenizer) -> None:
    one, same, other = (build_compact_backbones(tokenizer, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(value, same[name]) for name, value in one.items())
    assert not all(torch.equal(value, other[name]) for name, value in one.items())


def test_the_locations_of_the_grid_are_the_patches_of_the_tower(tokenizer) -> None:
    assert build_compact_backbones(tokenizer, 0).patches["kosmos2"] == GRID**2


def test_every_copied_weight_is_the_pretrained_one(tokenizer) -> None:
    backbones = build_compact_backbones(tokenizer, seed=1)
    clip = build_clip(CLIPConfig.from_dict(backbones.config.clip))
    kosmos2 = build_kosmos2(Kosmos2Config.from_dict(backbones.config.kosmos2))
    copied = copy_pretrained_weights(backbones, clip, kosmos2)
    for name, value in copied.clip_vision.state_dict().items():
        assert torch.equal(value, clip.vision_model.state_dict()[name])
    for name, value in copied.clip_text.state_dict().items():
        assert torch.equal(value, clip.text_model.state_dict()[name])
    pretrained = kosmos2.state_dict()
    for name, value in copied.kosmos2.state_dict().items():
        assert torch.equal(value, pretrained[name])
