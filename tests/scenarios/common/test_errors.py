"""Laws of errors about names."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError, reading_foreign_data, unknown_name


@pytest.mark.parametrize(("name", "near"), [("corridoor", "corridor"), ("dorway", "doorway")])
def test_a_misspelt_name_is_answered_with_its_nearest_match_and_all_that_are_known(name, near):
    error = unknown_name("scenario", name, ("doorway", "corridor"))
    assert isinstance(error, InputError)
    assert str(error) == f"unknown scenario '{name}': did you mean '{near}'? known are corridor, doorway"


def test_a_name_like_no_other_is_answered_without_a_guess():
    assert str(unknown_name("policy", "xyz", ["hybrid"])) == "unknown policy 'xyz': known are hybrid"


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("too large"), RecursionError("too deep"), MemoryError(), AttributeError("x"), IndexError("i"),
        TypeError("a\nb"), ZeroDivisionError("0"), Exception("plain"), OSError(5, "Input/output error"), KeyError("k"),
    ],
    ids=repr,
)  # fmt: skip
def test_whatever_a_parser_raises_is_one_sentence_with_its_cause(error):
    def read():
        with reading_foreign_data("checkpoint x", "choose another"):
            raise error

    with pytest.raises(InputError, match=r"^checkpoint x can't be read: .+; choose another$") as raised:
        read()
    assert raised.value.__cause__ is error
    assert "\n" not in str(raised.value)


def test_what_is_explained_already_and_what_is_no_error_of_a_parser_passes():
    with pytest.raises(InputError, match=r"^mine$"), reading_foreign_data("x"):
        raise InputError("mine")
    with pytest.raises(KeyboardInterrupt), reading_foreign_data("x"):
        raise KeyboardInterrupt
