from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.backbones.text.prompts import Prompt, PromptEncoder, round_up_length, trim_prompts
from policies.backbones.text.tokenizer import build_tokenizer, load_tokenizer
from policies.hybrid.network import HybridConfig
from policies.registry import CHECKPOINTS
from scenarios.registry import SCENARIOS


@pytest.fixture(scope="module")
def encoder() -> PromptEncoder:
    tokenizer = build_tokenizer(["go to the red cone"], 64)
    return PromptEncoder(tokenizer, tokenizer, 24)


def test_prompts_have_one_length_and_end_where_they_ask_for_a_place(encoder: PromptEncoder) -> None:
    prompt = encoder.encode(["go to the red cone", "drive " * 100])
    assert prompt.clip.shape == prompt.kosmos2.shape == (2, 24)
    assert prompt.lengths.tolist() == [10, 24]
    for ids, length in zip(prompt.kosmos2, prompt.lengths, strict=True):
        assert encoder.kosmos2.convert_ids_to_tokens(int(ids[length - 1])) == "<object>"
    assert (prompt.clip == encoder.clip.eos_token_id).sum(dim=1).tolist() == [1, 1]


def test_an_instruction_is_encoded_alike_alone_and_among_others(encoder: PromptEncoder) -> None:
    many = encoder.encode(["go", "go to the red cone", "turn left"])
    alone = encoder.encode(["go to the red cone"])
    for part, row in zip(alone, many, strict=True):
        assert torch.equal(part[0], row[1])


def test_the_layout_names_the_tokenizers_own_marks(encoder: PromptEncoder) -> None:
    layout = encoder.layout
    assert encoder.clip.convert_ids_to_tokens(list(layout.clip)) == ["<s>", "</s>", "<pad>"]
    marks = ["<s>", "<image>", "</image>", "<grounding>", "<object>", "<pad>"]
    assert encoder.kosmos2.convert_ids_to_tokens(list(layout.kosmos2)) == marks


@settings(deadline=None)
@given(st.integers(1, 10_000))
def test_rounding_up_reaches_the_nearest_multiple_of_eight(length: int) -> None:
    rounded = round_up_length(length)
    assert rounded % 8 == 0
    assert 0 <= rounded - length < 8


@settings(deadline=None)
@given(st.lists(st.integers(1, 24), min_size=1, max_size=5), st.integers(24, 30))
def test_trimming_cuts_only_padding_and_never_beyond_the_limit(lengths: list[int], limit: int) -> None:
    ids = torch.zeros(len(lengths), 24, dtype=torch.int64)
    for row, length in enumerate(lengths):
        ids[row, :length] = 5
    trimmed = trim_prompts(Prompt(ids, ids, torch.tensor(lengths)), limit)
    assert torch.equal(trimmed.clip, ids)
    assert trimmed.kosmos2.shape[1] == min(round_up_length(max(lengths)), limit, 24)
    assert trimmed.kosmos2.sum() == ids.sum()


def test_a_limit_below_the_rounded_length_holds(encoder: PromptEncoder) -> None:
    assert trim_prompts(encoder.encode(["go to the red cone"]), limit=11).kosmos2.shape == (1, 11)


@pytest.mark.parametrize("family", SCENARIOS)
def test_a_shipped_tokenizer_cuts_no_instruction_off_and_knows_every_word_that_informs(family: str) -> None:
    tokenizer = load_tokenizer(CHECKPOINTS / "hybrid")
    encoder = PromptEncoder(tokenizer, tokenizer, HybridConfig.prompt_length)
    worlds = [SCENARIOS[family].world(9000, number) for number in range(30)]
    prompts = encoder.encode([world.instruction for world in worlds])
    for world, length in zip(worlds, prompts.lengths, strict=True):
        words = tokenizer(world.instruction, add_special_tokens=False).input_ids
        assert length == len(words) + 5
        goal = tokenizer(world.task.goal.description, add_special_tokens=False).input_ids
        assert tokenizer.unk_token_id not in goal
    assert any(tokenizer.unk_token_id in row for row in prompts.kosmos2)  # words that only unseen phrases have
