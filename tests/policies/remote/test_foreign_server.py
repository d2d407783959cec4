from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from policies.formats.action_format import ActionFormat
from policies.formats.observation_format import ObservationFormat
from policies.policy import PolicySpec
from policies.remote.connection import ServerError
from policies.remote.policy import RemotePolicy

from ..servers import SIZE, pack_message, serve_openpi, unpack_message
from .test_policy import batch

KEYS = ObservationFormat(pixels_key="observation/image", state_key="observation/state", instruction_key="prompt")
SPEC = PolicySpec(
    "theirs",
    SIZE,
    0.1,
    (0.0, 0.0, 0.0),
    chunk=2,
    replan=2,
    action=ActionFormat("velocity", ("vx", "wz"), unit="si"),
    observation=KEYS,
)


def answer(message: dict) -> dict:
    """A chunk of two actions that tells what was seen."""
    light = float(message["observation/image"][0, 0, 0])
    return {"actions": np.full((2, 2), light), "server_timing": {"infer_ms": 0.1}}


def test_every_slot_is_answered_from_its_own_observation() -> None:
    with serve_openpi(answer) as url:
        policy = RemotePolicy(url, SPEC)
        policy.reset([0, 1, 2], ["go"] * 3)
        found = policy.act(batch(3, 5, 7, live=[True, False, True]))
    assert found.shape == (3, 2, 2)
    assert found[[0, 2], 0, 0].tolist() == [3.0, 7.0]


def test_an_observation_has_the_keys_of_the_description_and_nothing_else() -> None:
    seen = []
    with serve_openpi(lambda message: seen.append(message) or answer(message)) as url:
        policy = RemotePolicy(url, SPEC)
        policy.reset([0], ["go there"])
        policy.act(batch(3))
    assert seen[0].keys() == {"observation/image", "observation/state", "prompt"}
    assert seen[0]["prompt"] == "go there"
    assert seen[0]["observation/image"].shape == (*SIZE, 3)
    assert seen[0]["observation/state"].dtype == np.float32


def test_keys_may_name_dictionaries_in_each_other() -> None:
    seen = []
    nested = ObservationFormat(
        pixels_key=("observation", "image"), state_key=("observation", "state"), instruction_key="prompt"
    )

    def infer(message: dict) -> dict:
        seen.append(message)
        return answer({"observation/image": message["observation"]["image"]})

    with serve_openpi(infer) as url:
        policy = RemotePolicy(url, replace(SPEC, observation=nested))
        policy.reset([0], ["go there"])
        assert policy.act(batch(5))[0, 0, 0] == 5.0
    assert {key: sorted(value) for key, value in seen[0].items() if key != "prompt"} == {
        "observation": ["image", "state"]
    }


def test_each_episode_has_a_connection_of_its_own() -> None:
    connections = []

    def converse(connection) -> None:
        connections.append(connection.id)
        connection.send(pack_message({}))
        for data in connection:
            connection.send(pack_message(answer(unpack_message(data))))

    with serve_openpi(None, raw=converse) as url:
        policy = RemotePolicy(url, SPEC)
        for _ in range(2):
            policy.reset([0, 1, 2], ["go"] * 3)
            policy.act(batch(1, 2, 3, live=[True, True, False]))
            policy.act(batch(1, 2, 3, live=[True, True, False]))
    assert len(connections) == 1 + 2 * 2  # the check before, and two slots in two episodes


def test_all_slots_are_asked_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=20.0)

    def wait_for_the_others(message):
        together.wait()
        return answer(message)

    with serve_openpi(wait_for_the_others) as url:
        policy = RemotePolicy(url, SPEC)
        policy.reset([0, 1, 2], ["go"] * 3)
        assert policy.act(batch(1, 2, 3))[:, 0, 0].tolist() == [1.0, 2.0, 3.0]


def test_vllms_server_is_told_the_session_which_changes_with_the_episode() -> None:
    seen = []
    with serve_openpi(lambda message: seen.append(message) or np.zeros((2, 2), np.float32)) as url:
        policy = RemotePolicy(f"{url}/v1/realtime/robot/openpi", SPEC)
        for _ in range(2):
            policy.reset([0], ["go"])
            policy.act(batch(0))
            policy.act(batch(0))
    assert {message["endpoint"] for message in seen} == {"infer"}
    sessions = [message["session_id"] for message in seen]
    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]


def hang_up_once(hung_up: list):
    def converse(connection) -> None:
        connection.send(pack_message({}))
        for data in connection:
            if not hung_up:
                hung_up.append(True)
                return connection.close(1001, "restart")
            connection.send(pack_message(answer(unpack_message(data))))
        return None

    return converse


def test_a_lost_connection_is_opened_again_if_the_policy_remembers_nothing() -> None:
    with serve_openpi(None, raw=hang_up_once([])) as url:
        policy = RemotePolicy(url, SPEC)
        policy.reset([0], ["go"])
        assert policy.act(batch(9))[0, 0, 0] == 9.0


def test_a_lost_connection_fails_the_episode_of_a_policy_that_remembers_it() -> None:
    with serve_openpi(None, raw=hang_up_once([])) as url:
        policy = RemotePolicy(url, replace(SPEC, history=0))
        policy.reset([0], ["go"])
        with pytest.raises(ServerError, match="in the middle of an episode, which its policy remembers"):
            policy.act(batch(9))


def test_only_the_slot_whose_answer_is_late_holds_its_last_action() -> None:
    slow = threading.Event()

    def infer(message):
        if slow.is_set() and message["observation/image"][0, 0, 0] == 5:
            time.sleep(1.5)
        return answer(message)

    with serve_openpi(infer) as url:
        policy = RemotePolicy(url, SPEC, timeout_s=0.7, stale_answers=1)
        policy.reset([0, 1], ["go"] * 2)
        policy.act(batch(3, 4))
        slow.set()
        assert policy.act(batch(7, 5))[:, 0, 0].tolist() == [7.0, 4.0]


def test_an_error_of_the_server_is_one_of_the_policy() -> None:
    with serve_openpi(lambda message: {}["state"]) as url:
        policy = RemotePolicy(url, SPEC)
        policy.reset([0], ["go"])
        with pytest.raises(ServerError, match="the server answered: KeyError: 'state'"):
            policy.act(batch(0))


SERVER_OF_OTHERS = """
import sys

import numpy as np
from policy_websocket import WebsocketPolicyServer


class Policy:
    def infer(self, observation):
        light = float(observation["observation/image"][0, 0, 0])
        return {"actions": np.full((2, 2), light)}


WebsocketPolicyServer(Policy(), host="127.0.0.1", port=int(sys.argv[1])).serve_forever()
"""


@pytest.mark.skipif(importlib.util.find_spec("policy_websocket") is None, reason="policy-websocket isn't installed")
def test_a_server_that_is_not_ours_is_driven() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", SERVER_OF_OTHERS, str(port)]) as process:
        try:
            policy = RemotePolicy(f"ws://127.0.0.1:{port}", SPEC, connect_s=30.0)
            policy.reset([0, 1], ["go"] * 2)
            assert policy.act(batch(3, 7))[:, 0, 0].tolist() == [3.0, 7.0]
        finally:
            process.kill()
