"""Names of perturbations: one form for each, and a sentence for what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.common.errors import InputError
from scenarios.perturbations import AXES, normalise_perturbation


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(AXES)), st.integers(0, 3)), st.sampled_from([",", "+", " , "]))
def test_a_name_is_canonical_whatever_order_it_was_written_in(levels: dict[str, int], joint: str) -> None:
    text = joint.join(f"{axis}={level}" for axis, level in levels.items()) or "none"
    name = normalise_perturbation(text)
    assert normalise_perturbation(name) == name
    wanted = [f"{axis}={levels[axis]}" for axis in AXES if levels.get(axis)]
    assert name == ("+".join(wanted) or "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lightning=2", "did you mean 'lighting'"),
        ("lighting=4", "'4' is no level of lighting"),
        ("lighting=-1", "'-1' is no level"),
        ("lighting=1.5", "'1.5' is no level"),
        ("lighting", "write axis=level"),
        ("", "write axis=level"),
        ("lighting=1,", "write axis=level"),
        ("lighting=1,lighting=2", "names lighting twice"),
        ("none,lighting=1", "'none' is no perturbation"),
    ],
)
def test_a_wrong_name_is_told_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        normalise_perturbation(text)
