"""Laws of formats of observations: each by hand."""

from __future__ import annotations

import numpy as np
import pytest

from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import (
    NATIVE,
    ObservationFormat,
    to_dictionary,
    to_policy_layout,
    to_policy_pixels,
    to_policy_state,
)
from scenarios.common.errors import InputError

PIXELS = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
STATE = np.arange(12, dtype=np.float32).reshape(2, 6)


def test_our_own_format_changes_nothing():
    assert to_policy_pixels(NATIVE, PIXELS) is PIXELS
    assert to_policy_state(NATIVE, STATE) is STATE
    assert to_policy_layout(NATIVE, PIXELS) is PIXELS


def test_bgr_reverses_the_channels_only():
    found = to_policy_pixels(ObservationFormat(colours="bgr"), PIXELS)
    assert found.shape == PIXELS.shape
    assert found[1, 2, 3].tolist() == PIXELS[1, 2, 3].tolist()[::-1]


def test_columns_of_the_state_come_in_the_policys_order_and_normalised():
    form = ObservationFormat(state=("yaw", "vx"), normalisation=Normalisation("mean-std", (1.0, 0.0), (2.0, 4.0)))
    assert to_policy_state(form, STATE).tolist() == [[2.0, 0.0], [5.0, 1.5]]


@pytest.mark.parametrize(
    ("form", "shape", "first"),
    [
        (ObservationFormat(layout="chw"), (3, 4, 5), 60.0),
        (ObservationFormat(pixel_type="unit"), (4, 5, 3), 60 / 255),
        (
            ObservationFormat(pixel_type="unit", pixel_mean=(0.5, 0.0, 0.0), pixel_std=(0.25, 1.0, 1.0), layout="chw"),
            (3, 4, 5),
            (60 / 255 - 0.5) / 0.25,
        ),
    ],
)
def test_frames_of_a_dictionary_have_its_layout_and_scale(form, shape, first):
    found = to_policy_layout(form, PIXELS[1])
    assert found.shape == shape
    assert found.flags.c_contiguous
    assert found.flat[0] == pytest.approx(first, rel=1e-6)


def test_a_dictionary_contains_what_the_policy_is_given_under_its_names():
    form = ObservationFormat(pixels_key="observation/image", state_key=None, instruction_key="prompt")
    found = to_dictionary(form, PIXELS[0], STATE[0], "go")
    assert list(found) == ["observation/image", "prompt"]
    assert list(form.keys) == list(found)
    assert found["prompt"] == "go"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"frames": 0}, "1 to 64 frames"),
        ({"colours": "grb"}, "unknown order of colours 'grb'"),
        ({"layout": "nchw"}, "did you mean 'chw'"),
        ({"pixel_type": "int8"}, "unknown type of pixels"),
        ({"state": ("vx", "speed")}, "unknown column of the state 'speed'"),
        ({"normalisation": Normalisation("mean-std", (0.0,), (1.0,))}, "has 1 columns, the state has 6"),
        ({"pixel_mean": (0.5, 0.5, 0.5)}, "belong together"),
        ({"pixel_mean": (0.5,) * 3, "pixel_std": (0.5,) * 3}, "need the type of pixels 'unit'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        ObservationFormat(**arguments)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (NATIVE, "1 frame rgb; vx, vy, wz, x, y, yaw"),
        (ObservationFormat(frames=2, colours="bgr", state=("vx",), layout="chw"), "2 frames bgr chw uint8; vx"),
        (
            ObservationFormat(pixel_type="unit", pixel_mean=(0.5,) * 3, pixel_std=(0.5,) * 3, state_key=None),
            "1 frame rgb hwc 0 to 1, mean and std; no state",
        ),
        (
            ObservationFormat(state=("wz",), normalisation=Normalisation("min-max", (0.0,), (1.0,))),
            "1 frame rgb; wz normalised by min-max",
        ),
    ],
)
def test_a_format_is_described_in_a_few_words(form: ObservationFormat, words: str) -> None:
    assert form.describe() == words


def test_keys_may_name_dictionaries_in_each_other() -> None:
    form = ObservationFormat(
        pixels_key=("observation", "images", "front"), state_key=("observation", "state"), instruction_key="prompt"
    )
    found = to_dictionary(form, PIXELS[0], STATE[0], "go")
    assert found.keys() == {"observation", "prompt"}
    assert found["observation"].keys() == {"images", "state"}
    assert (found["observation"]["images"]["front"] == PIXELS[0]).all()


def test_a_list_is_a_path_one_name_alone_a_name_and_a_slash_belongs_to_its_name() -> None:
    form = ObservationFormat(pixels_key=["observation", "image"], state_key=["state"], instruction_key="a/b")  # type: ignore[arg-type]
    assert form.keys == (("observation", "image"), "state", "a/b")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"pixels_key": "seen", "state_key": ("seen", "state")}, "exclude each other"),
        ({"pixels_key": ("seen", "image"), "state_key": ("seen", "image")}, "exclude each other"),
        ({"pixels_key": "state", "state_key": "state"}, "exclude each other"),
        ({"pixels_key": ()}, "pixels_key is \\(\\): it must be a name, a list"),
        ({"pixels_key": ("a", "")}, "must be a name"),
        ({"state_key": ("a",) * 9}, "up to 8 names"),
        ({"instruction_key": 3}, "instruction_key is 3"),
    ],
)
def test_keys_that_have_no_place_of_their_own_are_refused(keys, words) -> None:
    with pytest.raises(InputError, match=words):
        ObservationFormat(**keys)
