from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.formats.action_format import ActionFormat
from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import ObservationFormat
from policies.policy import PolicySpec
from policies.remote.messages import pack_message, unpack_message
from policies.remote.metadata import (
    OWN_KEY,
    ServerMetadata,
    describe_config,
    describe_observation,
    describe_policy,
    read_metadata,
)
from scenarios.common.errors import InputError

SPEC = PolicySpec("mine", (60, 80), 0.1, (0.0, 0.0, 0.5))
RICH = PolicySpec(
    "rich",
    (np.int64(60), 80),
    np.float64(0.3),
    (0.0, 0.0, 0.5),
    history=4,
    chunk=8,
    replan=4,
    action=ActionFormat("waypoints", ("x", "y"), signs=(1, -1)),
    observation=ObservationFormat(
        frames=4, colours="bgr", state=("vx",), normalisation=Normalisation("mean-std", (0.1,), (2.0,))
    ),
    parameters=7,
    runtime="torch",
)


NESTED = replace(SPEC, observation=ObservationFormat(pixels_key=("seen", "image"), state_key=None))


@pytest.mark.parametrize("spec", [SPEC, RICH, NESTED, replace(SPEC, image_size=None)])
def test_a_spec_arrives_as_it_was(spec: PolicySpec) -> None:
    read = read_metadata(unpack_message(pack_message(describe_policy(spec, 8, "ab" * 32, 64))))
    assert read.own is not None
    assert read.own.spec == spec
    assert read.own.weights_sha256 == "ab" * 32
    assert (read.image_size, read.action_horizon, read.action_dim) == (spec.image_size, 8, 3)


def test_a_person_can_read_what_a_policy_takes() -> None:
    assert describe_observation(SPEC)["observation/image"] == "(60, 80, 3) uint8, RGB"
    assert describe_observation(RICH)["observation/image"] == "(4, 60, 80, 3) uint8, RGB"
    assert "observation/image" not in describe_observation(replace(SPEC, image_size=None))


def test_vllms_words_are_understood_and_have_no_others_beside_them() -> None:
    config = describe_config(SPEC, 4)
    assert set(config) == {
        *("image_resolution", "n_external_cameras", "needs_wrist_camera", "needs_stereo_camera"),
        *("needs_session_id", "action_space", "action_horizon", "action_dim"),
    }
    assert read_metadata(config) == ServerMetadata((60, 80), 4, 3, "body_velocity")


@pytest.mark.parametrize(
    "message",
    [{}, {"image_resolution": [0, 5]}, {"image_resolution": "224"}, {"action_horizon": -1, "action_dim": True}],
)
def test_what_is_not_understood_is_left_out(message: dict) -> None:
    assert read_metadata(message) == ServerMetadata()


@pytest.mark.parametrize("message", [None, 3, [1], "text"])
def test_metadata_must_be_a_map(message) -> None:
    with pytest.raises(InputError, match="isn't a map"):
        read_metadata(message)


def test_a_server_of_another_version_says_so() -> None:
    message = describe_policy(SPEC, 1, None, 64)
    for entry in (None, {}, {**message[OWN_KEY], "version": 2}):
        with pytest.raises(InputError, match="another version"):
            read_metadata({OWN_KEY: entry})
    for spec in (None, {}, {**message[OWN_KEY]["spec"], "more": 1}, {**message[OWN_KEY]["spec"], "period_s": -1.0}):
        with pytest.raises(InputError, match="as this version can't read"):
            read_metadata({OWN_KEY: {**message[OWN_KEY], "spec": spec}})
