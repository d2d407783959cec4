"""Laws of errors about names."""

from __future__ import annotations

import pytest

from scenarios.common.errors import LONGEST_LINE, InputError, damage_as_input_error, unknown_name


@pytest.mark.parametrize(("name", "near"), [("corridoor", "corridor"), ("dorway", "doorway")])
def test_a_misspelt_name_is_answered_with_its_nearest_match_and_all_that_are_known(name, near):
    error = unknown_name("scenario", name, ("doorway", "corridor"))
    assert isinstance(error, InputError)
    assert str(error) == f"unknown scenario '{name}': did you mean '{near}'? known are corridor, doorway"


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        *(("hybrd", "hybrid", True), ("maee", "mae", True), ("rate", "rate_hz", True), ("recall", "stop_recall", True)),
        *(("median_ae", "heading_3s", False), ("frobnicate", "probe", False)),
    ],
)
def test_a_name_is_suggested_for_typing_errors_and_parts_of_it_alone(name, known, near):
    assert (f": did you mean '{known}'? known are" in str(unknown_name("name", name, [known]))) == near


def test_a_name_like_no_other_is_answered_without_a_guess():
    assert str(unknown_name("policy", "xyz", ["hybrid"])) == "unknown policy 'xyz': known are hybrid"


def test_a_value_of_thousands_of_characters_does_not_hide_the_sentence_around_it():
    error = InputError(f"a.yaml, line 3: '{'x' * 50_000}' is no number\nb.yaml, line 4: '1' is too small")
    first, second = str(error).splitlines()
    assert first.startswith("a.yaml, line 3: 'xxx")
    assert first.endswith("xxx' is no number")
    assert len(first) < LONGEST_LINE + 10
    assert second == "b.yaml, line 4: '1' is too small"
    assert str(InputError("short")) == "short"


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (KeyError("clip"), "KeyError: 'clip'"),
        (OverflowError("too large.\nmore"), "OverflowError: too large"),
        (RecursionError(), "RecursionError"),
        (Exception("missing field"), "Exception: missing field"),
    ],
)
def test_whatever_reading_a_file_raises_is_one_sentence(raised, reason):
    with (
        pytest.raises(InputError, match=rf"^the set a can't be read \({reason}\); record it again$"),
        damage_as_input_error("the set a", "record it again"),
    ):
        raise raised


def test_a_sentence_stays_as_it_is_and_an_interruption_is_no_damage():
    for raised in (InputError("a sentence"), KeyboardInterrupt()):
        with pytest.raises(type(raised)) as found, damage_as_input_error("a", "b"):
            raise raised
        assert found.value is raised
