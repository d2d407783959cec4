from __future__ import annotations

from policies.reference.words import PADDING, UNKNOWN, WordEncoder, collect_vocabulary


def test_a_vocabulary_is_the_words_of_some_texts_in_order() -> None:
    assert collect_vocabulary(["Drive to the Ball", "the ball, again"]) == ("again", "ball", "drive", "the", "to")


def test_known_words_get_numbers_others_are_unknown_and_the_rest_is_padding() -> None:
    encoder = WordEncoder(("ball", "red"), 5)
    assert encoder.encode(["Red, shiny ball!", ""]).tolist() == [
        [3, UNKNOWN, 2, PADDING, PADDING],
        [PADDING] * 5,
    ]


def test_words_beyond_the_length_are_cut_off() -> None:
    assert WordEncoder(("a",), 2).encode(["a a a"]).tolist() == [[2, 2]]
