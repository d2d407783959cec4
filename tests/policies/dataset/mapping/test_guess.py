from __future__ import annotations

import pytest

from policies.dataset.mapping.guess import guess_actions, guess_camera, guess_state
from policies.dataset.mapping.mapping import FROM_ACTIONS, NO_STATE, SI_UNITS, VectorMapping

from .contents_of import describe


@pytest.mark.parametrize(
    ("cameras", "found", "problem"),
    [
        (("top",), "top", None),
        (("wrist", "observation.images.front", "depth"), "observation.images.front", None),
        (("left", "right"), "left", "2 cameras, and none is known to look ahead: left, right"),
        (("front_left", "front_right"), "front_left", "2 cameras"),
        (("depth",), "CAMERA", "no camera with colours: depth is depth"),
        ((), "CAMERA", "no camera with colours"),
    ],
)
def test_the_only_camera_or_the_front_one_is_taken(cameras: tuple, found: str, problem: str | None) -> None:
    guess = guess_camera(describe(cameras))
    assert guess.value == found
    assert guess.problem is None if problem is None else problem in str(guess.problem)


@pytest.mark.parametrize(
    ("action", "axes", "problem"),
    [
        (("x.vel", "theta.vel"), ["vx", "wz"], None),
        (("linear_x", "angular_z"), ["vx", "wz"], "doesn't say in which units linear_x, angular_z are"),
        (2, ["vx", "wz"], "2 columns without names"),
        (("left_wheel", "right_wheel"), ["vx", "wz"], "columns left_wheel, right_wheel: which are vx"),
        (("wz",), ["vx"], "columns wz: which are vx"),
        (7, ["vx", "vy", "wz"], "7 columns without names"),
    ],
)
def test_actions_that_names_dont_tell_are_suggested_with_a_question(
    action: tuple | int, axes: list[str], problem: str | None
) -> None:
    guess = guess_actions(describe(action=action))
    assert list(guess.value.columns) == axes
    assert guess.problem is None if problem is None else problem in str(guess.problem)


def test_our_own_names_are_normalised_and_a_layout_may_know_its_units() -> None:
    assert guess_actions(describe()).value.units is None
    known = guess_actions(describe(action=("linear_x",), units=SI_UNITS))
    assert (known.value.units, known.problem) == (SI_UNITS, None)


def test_a_set_without_actions_is_told_with_what_it_has() -> None:
    contents = describe()
    only_state = type(contents)(**{**vars(contents), "vectors": contents.vectors[1:]})
    assert guess_actions(only_state).problem == "it has no 'action': it has observation.state"


def test_a_state_is_told_or_there_is_none() -> None:
    state = guess_state(describe())
    assert isinstance(state, VectorMapping)
    assert (list(state.columns), state.units) == (["vx", "vy", "wz", "x", "y", "yaw"], SI_UNITS)
    assert guess_state(describe(state=6)) == NO_STATE  # might be the joints of an arm
    assert guess_state(describe(state=None)) == NO_STATE
    assert guess_state(describe(state=None, has_odometry=False)) == FROM_ACTIONS
