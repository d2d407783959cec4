"""Laws of errors about names."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError, unknown_name


@pytest.mark.parametrize(("name", "near"), [("corridoor", "corridor"), ("dorway", "doorway")])
def test_a_misspelt_name_is_answered_with_its_nearest_match_and_all_that_are_known(name, near):
    error = unknown_name("scenario", name, ("doorway", "corridor"))
    assert isinstance(error, InputError)
    assert str(error) == f"unknown scenario '{name}': did you mean '{near}'? known are corridor, doorway"


def test_a_name_like_no_other_is_answered_without_a_guess():
    assert str(unknown_name("policy", "xyz", ["hybrid"])) == "unknown policy 'xyz': known are hybrid"
