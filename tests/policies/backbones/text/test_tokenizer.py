from __future__ import annotations

import pytest

from policies.backbones.text.tokenizer import SPECIAL, build_tokenizer, load_tokenizer, patch_token
from scenarios.common.errors import InputError
from scenarios.objects.colours import COLOURS

TEXTS = ["drive down the corridor to the teal ball", "go to the red cone"]


def test_an_unknown_word_becomes_unk_and_case_and_commas_do_not_matter() -> None:
    tokenizer = build_tokenizer(TEXTS, 64)
    ids = tokenizer("Drive, to the TEAL zork!", add_special_tokens=False).input_ids
    assert tokenizer.convert_ids_to_tokens(ids) == ["drive", "to", "the", "teal", "<unk>"]


def test_the_vocabulary_depends_on_the_words_not_on_their_order() -> None:
    assert build_tokenizer(TEXTS, 64).get_vocab() == build_tokenizer([*TEXTS[::-1], *TEXTS], 64).get_vocab()


def test_grounding_and_location_tokens_are_whole_tokens() -> None:
    tokenizer = build_tokenizer(TEXTS, 64)
    text = "".join(SPECIAL) + patch_token(0) + patch_token(63)
    assert tokenizer("".join(text), add_special_tokens=False).input_ids == [*range(len(SPECIAL)), 11, 74]


def test_every_colour_of_the_scenes_is_a_word_of_its_own() -> None:
    tokenizer = build_tokenizer([], 64)
    unknown = [name for name in COLOURS if tokenizer.convert_tokens_to_ids(name) == tokenizer.unk_token_id]
    assert unknown == []


def test_a_saved_tokenizer_comes_back_equal(tmp_path) -> None:
    tokenizer = build_tokenizer(TEXTS, 64)
    tokenizer.save_pretrained(str(tmp_path))
    again = load_tokenizer(tmp_path)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert (again.pad_token_id, again.eos_token_id) == (1, 3)


def test_a_folder_without_a_tokenizer_is_bad_input(tmp_path) -> None:
    with pytest.raises(InputError, match="no tokenizer can be read from"):
        load_tokenizer(tmp_path)
