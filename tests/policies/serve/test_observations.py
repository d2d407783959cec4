from __future__ import annotations

import numpy as np
import pytest

from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import ObservationFormat
from policies.policy import PolicySpec
from policies.serve.observations import RequestError, read_observation

SPEC = PolicySpec("mine", (2, 3), 0.1, (0.0, 0.0, 0.0))
PIXELS = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
STATE = np.arange(6, dtype=np.float32)
SOUND = {"observation/image": PIXELS, "observation/state": STATE, "prompt": "go"}


def read(spec: PolicySpec = SPEC, **changes):
    message = {**SOUND, **{key.replace("__", "/"): value for key, value in changes.items()}}
    return read_observation({key: value for key, value in message.items() if value is not ...}, spec)


def test_an_observation_is_read_under_openpis_names_and_ours() -> None:
    ours = read_observation({"pixels": PIXELS, "agent_pos": STATE, "instruction": "go"}, SPEC)
    for found in (read(), ours):
        assert (found.pixels == PIXELS).all()
        assert (found.agent_pos == STATE).all()
        assert found.prompt == "go"


def test_it_is_converted_to_the_policys_format() -> None:
    form = ObservationFormat(colours="bgr", state=("y",), normalisation=Normalisation("mean-std", (2.0,), (2.0,)))
    found = read(PolicySpec("mine", (2, 3), 0.1, (0.0, 0.0, 0.0), observation=form))
    assert (found.pixels == PIXELS[..., ::-1]).all()
    assert found.agent_pos.tolist() == [1.0]


def test_several_frames_are_taken_as_a_stack() -> None:
    spec = PolicySpec("mine", (2, 3), 0.1, (0.0, 0.0, 0.0), observation=ObservationFormat(frames=2))
    assert read(spec, observation__image=np.stack([PIXELS, PIXELS])).pixels.shape == (2, 2, 3, 3)
    with pytest.raises(RequestError, match=r"must be \(2, 2, 3, 3\) uint8"):
        read(spec)


def test_a_policy_without_a_camera_takes_any_image_or_none() -> None:
    spec = PolicySpec("mine", None, 0.1, (0.0, 0.0, 0.0))
    assert read(spec).pixels is None
    assert read(spec, observation__image=...).pixels is None


def test_a_list_of_numbers_is_a_state_and_a_prompt_may_be_left_out() -> None:
    found = read(observation__state=[0, 1.0, 2, 3, 4, 5], prompt=...)
    assert found.agent_pos.tolist() == STATE.tolist()
    assert found.agent_pos.dtype == np.float32
    assert found.prompt is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"observation__imag": PIXELS}, "unknown key of an observation 'observation/imag': did you mean"),
        ({"observation__image": ...}, r"has no 'observation/image': it must be \(2, 3, 3\) uint8, RGB"),
        ({"observation__state": ...}, "has no 'observation/state'"),
        ({"observation__image": PIXELS.astype(np.float32)}, r"must be .* not \(2, 3, 3\) float32"),
        ({"observation__image": PIXELS[:1]}, r"must be .* not \(1, 3, 3\) uint8"),
        ({"observation__image": PIXELS.tolist()}, "not a list"),
        ({"observation__image": None}, "not nothing"),
        ({"observation__state": STATE[:5]}, r"must be \(6,\) float32, not \(5,\)"),
        ({"observation__state": STATE * np.nan}, "isn't a finite number"),
        ({"observation__state": np.full(6, 1e300)}, "isn't a finite number"),
        ({"observation__state": STATE > 1}, "not .* bool"),
        ({"observation__state": ["a"] * 6}, "not a list"),
        ({"observation__state": [10**400] * 6}, "not a list"),
        ({"prompt": 3}, "must be text"),
        ({"prompt": "a" * 2001}, "must be text of up to 2000"),
    ],
)
def test_what_the_policy_cannot_take_is_refused_in_one_sentence(changes, message) -> None:
    with pytest.raises(RequestError, match=message):
        read(**changes)
