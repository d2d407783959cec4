from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.policy import InferenceRuntime, ObservationBatch, PolicySpec, PolicyWithWeights
from policies.registry import make_policy
from policies.remote.access import VLLM_PATH
from policies.remote.metadata import ServerMetadata
from policies.remote.policy import RemotePolicy, choose_spec
from scenarios.common.errors import InputError

from ..servers import SIZE, Counting, Unshared, serve_openpi, serve_policy

SPEC = PolicySpec("theirs", SIZE, 0.1, (0.0, 0.0, 0.0))


def batch(*lights: int, live=None) -> ObservationBatch:
    pixels = np.stack([np.full((*SIZE, 3), light, np.uint8) for light in lights])
    return ObservationBatch(
        pixels, np.zeros((len(lights), 6), np.float32), np.ones(len(lights), bool) if live is None else np.array(live)
    )


def drive(policy) -> list[np.ndarray]:
    """What a policy answers during two episodes, the second of which ends early in one slot."""
    answers = []
    for instruction in ("go", "go there"):
        policy.reset([0, 1, 2], [instruction] * 3)
        for step in range(4):
            live = [True, step < 2 or instruction == "go", True]
            answer = policy.act(batch(step, 50 + step, 200 + step, live=live)).reshape(3, 3)
            answers.append(answer[live])
    return answers


@pytest.mark.parametrize(("make", "path"), [(Counting, ""), (Counting, VLLM_PATH), (Unshared, "")])
def test_a_served_policy_answers_as_it_does_here(make, path: str) -> None:
    with serve_policy(make) as url:
        policy = RemotePolicy(url + path)
        for found, wanted in zip(drive(policy), drive(Counting()), strict=True):
            assert np.array_equal(found, wanted)
        policy.close()


def test_it_has_the_spec_and_the_weights_of_the_served_policy() -> None:
    class Weighty(Counting):
        weights_sha256 = "ab" * 32

        def apply_runtime(self, runtime) -> None:
            """Run as before."""

    with serve_policy(Weighty) as url:
        policy = make_policy(url)
        assert policy.spec == replace(Counting().spec, name=url)
        assert isinstance(policy, PolicyWithWeights)
        assert policy.weights_sha256 == "ab" * 32
        with pytest.raises(InputError, match="runs on its server: give --device cuda there"):
            policy.apply_runtime(InferenceRuntime(device="cuda"))


def test_a_server_with_a_token_gets_that_of_the_environment(monkeypatch) -> None:
    with serve_policy(token="secret") as url:
        with pytest.raises(InputError, match="without a token"):
            make_policy(url)
        monkeypatch.setenv("MOBILE_VLA_TOKEN", "secret")
        assert make_policy(url).spec.image_size == SIZE


def test_a_server_that_is_not_there_is_bad_input() -> None:
    with pytest.raises(InputError, match=r"there is no server at ws://127\.0\.0\.1:9"):
        RemotePolicy("ws://127.0.0.1:9", connect_s=0.1)
    with pytest.raises(InputError, match="isn't the address of a server"):
        make_policy("ws://")


def test_a_server_that_does_not_say_what_it_takes_needs_a_description() -> None:
    with serve_openpi(lambda message: {"actions": np.zeros((1, 3))}) as url:
        with pytest.raises(InputError, match="doesn't say what its policy takes and answers: describe it"):
            RemotePolicy(url)
        policy = RemotePolicy(url, SPEC)
        policy.reset([0], ["go"])
        assert policy.act(batch(0)).shape == (1, 1, 3)


def test_what_a_server_says_and_its_description_must_agree() -> None:
    said = ServerMetadata((60, 80), 8, 3, "joint_position")
    assert choose_spec("ws://x", replace(SPEC, image_size=(60, 80)), said).image_size == (60, 80)
    with pytest.raises(InputError, match=r"has images of \(height, width\) \(60, 80\), its description \(6, 8\)"):
        choose_spec("ws://x", SPEC, said)
    with pytest.raises(InputError, match="number of columns: 7, its description 3"):
        choose_spec("ws://x", SPEC, ServerMetadata(action_dim=7))
    with pytest.raises(InputError, match="answers with 2 actions, and its description executes 3"):
        choose_spec("ws://x", replace(SPEC, chunk=4, replan=3), ServerMetadata(action_horizon=2))


def test_a_server_of_body_velocities_needs_no_description() -> None:
    spec = choose_spec("ws://x", None, ServerMetadata((60, 80), 8, 3, "body_velocity"))
    assert (spec.image_size, spec.chunk, spec.replan) == ((60, 80), 8, 8)
    for said in (ServerMetadata((60, 80), 8, 7, "body_velocity"), ServerMetadata((60, 80), 8, 3, "joint_position")):
        with pytest.raises(InputError, match="describe it"):
            choose_spec("ws://x", None, said)
