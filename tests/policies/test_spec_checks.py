"""Laws of the checks of a spec: a mistake is one sentence that names it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.policy import PolicySpec
from policies.spec_checks import change_replan, check_spec
from scenarios.common.errors import InputError

SPEC = PolicySpec(name="fake", image_size=(224, 224), period_s=0.1, hold_action=(0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"image_size": None},
        {"image_size": (96, 128)},
        {"image_size": [np.int64(96), np.int32(128)]},
        {"hold_action": np.zeros(3, np.float32)},
        {"period_s": np.float32(0.5)},
        {"chunk": 16, "replan": 16},
    ],
)
def test_a_sound_spec_passes(change):
    spec = replace(SPEC, **change)
    assert check_spec(spec) is spec


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "must give its name as text, not None"),
        ({"name": ""}, "must give its name as text"),
        ({"image_size": 224}, "image size 224"),
        ({"image_size": (224,)}, "image size"),
        ({"image_size": (224, 224, 3)}, "image size"),
        ({"image_size": (0, 224)}, "image size"),
        ({"image_size": (224.0, 224.0)}, "image size"),
        ({"image_size": (4096, 4096)}, "up to 2048"),
        ({"image_size": "224x224"}, "image size '224x224'"),
        ({"period_s": 0.0}, "the period 0.0"),
        ({"period_s": -0.1}, "above 0"),
        ({"period_s": float("nan")}, "the period nan"),
        ({"period_s": float("inf")}, "the period inf"),
        ({"period_s": "0.1"}, "the period '0.1'"),
        ({"period_s": None}, "the period None"),
        ({"hold_action": (0.0, 0.0)}, "hold action"),
        ({"hold_action": (2.0, 0.0, 0.0)}, "hold action"),
        ({"hold_action": (0.0, float("nan"), 0.0)}, "hold action"),
        ({"hold_action": None}, "the hold action None"),
        ({"hold_action": "stop"}, "the hold action 'stop'"),
        ({"history": -1}, "history=-1"),
        ({"history": 1.5}, "history=1.5"),
        ({"chunk": 0}, "chunk=0"),
        ({"chunk": True}, "chunk=True"),
        ({"replan": 2}, "no more of them can be executed"),
        ({"chunk": 10_000}, "at most 1000"),
        ({"parameters": None}, "parameters=None"),
        ({"action": "waypoints"}, "formats of type str"),
        ({"observation": None}, "NoneType"),
    ],
)
def test_a_mistake_is_refused_in_a_sentence_that_names_it(change, words):
    with pytest.raises(InputError, match=words):
        check_spec(replace(SPEC, **change))


@pytest.mark.parametrize("spec", [None, {"name": "fake"}, "spec"])
def test_anything_else_is_no_spec(spec):
    with pytest.raises(InputError, match=f"not a {type(spec).__name__}"):
        check_spec(spec)


def test_another_replan_horizon_changes_nothing_else() -> None:
    spec = PolicySpec("mine", None, 0.1, (0.0, 0.0, 0.0), chunk=8, replan=8)
    assert change_replan(spec, 3) == replace(spec, replan=3)


@pytest.mark.parametrize(
    ("chunk", "plays_chunk", "replan", "sentence"),
    [(8, False, 9, "chunks of 8 actions: choose at most 8"), (1, False, 2, "one action"), (8, True, 2, "plays its")],
)
def test_a_replan_horizon_that_a_policy_does_not_have_is_refused(chunk, plays_chunk, replan, sentence) -> None:
    spec = PolicySpec("mine", None, 0.1, (0.0, 0.0, 0.0), chunk=chunk, plays_chunk=plays_chunk)
    with pytest.raises(InputError, match=f"--replan {replan}: policy 'mine' .*{sentence}"):
        change_replan(spec, replan)
