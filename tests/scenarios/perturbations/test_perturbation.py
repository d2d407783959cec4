"""Laws of perturbations: one form for each, and a sentence for what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.common.errors import InputError
from scenarios.perturbations import AXES, SWAPPED_INSTRUCTION, UNPERTURBED, Perturbation


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(AXES)), st.integers(0, 3)), st.sampled_from([",", "+", " , "]))
def test_a_name_is_canonical_whatever_order_it_was_written_in(levels: dict[str, int], joint: str) -> None:
    text = joint.join(f"{axis}={level}" for axis, level in levels.items()) or "none"
    perturbation = Perturbation.parse(text)
    name = str(perturbation)
    assert Perturbation.parse(name) == perturbation
    wanted = [f"{axis}={levels[axis]}" for axis in AXES if levels.get(axis)]
    assert name == ("+".join(wanted) or "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lightning=2", "did you mean 'lighting'"),
        ("lighting=4", "'4' is not a level of lighting"),
        ("lighting=-1", "'-1' is not a level"),
        ("lighting=1.5", "'1.5' is not a level"),
        ("lighting", "write axis=level"),
        ("", "write axis=level"),
        ("lighting=1,", "write axis=level"),
        ("lighting=1,lighting=2", "axis 'lighting' appears twice"),
        ("none,lighting=1", "'none' is not a perturbation"),
    ],
)
def test_a_wrong_name_is_told_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Perturbation.parse(text)


@given(st.permutations([("lighting", 2), ("latency", 1), ("layout", 0)]))
def test_equal_levels_are_equal_perturbations_in_any_order(levels: list[tuple[str, int]]) -> None:
    assert Perturbation(tuple(levels)) == Perturbation.parse("latency=1,lighting=2")
    assert Perturbation(tuple(levels)).levels == (("lighting", 2), ("latency", 1))


@pytest.mark.parametrize("levels", [(("light", 1),), (("lighting", 4),), (("lighting", 1), ("lighting", 2))])
def test_levels_that_are_none_are_refused(levels: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError, match="axes must be unique, from"):
        Perturbation(levels)


def test_the_named_perturbations_have_the_names_that_results_hold() -> None:
    assert (str(UNPERTURBED), str(SWAPPED_INSTRUCTION)) == ("none", "instruction=3")
    assert (Perturbation.parse("none"), Perturbation.parse("instruction=3")) == (UNPERTURBED, SWAPPED_INSTRUCTION)
