from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from policies.remote.connection import LateAnswerError, ServerError
from policies.remote.metadata import describe_policy
from policies.remote.policy import RemotePolicy

from ..servers import Counting, pack_message, serve_openpi, serve_policy
from .test_policy import batch

METADATA = describe_policy(Counting().spec, 1, None, 64)


def test_frames_are_sent_once_after_a_reset_and_then_only_those_of_live_slots() -> None:
    sent = []

    def infer(message):
        if message["endpoint"] == "act":
            sent.append(message["rows"].tolist())
            assert len(message["pixels"]) == len(message["rows"])
        return {"actions": np.zeros((3, 3), np.float32), "status": "reset successful"}

    with serve_openpi(infer, METADATA) as url:
        policy = RemotePolicy(url)
        policy.reset([0, 1, 2], ["go"] * 3)
        for live in ([True, True, False], [True, True, False], [False, True, False]):
            policy.act(batch(0, 1, 2, live=live))
        policy.reset([0], ["go"])
        policy.act(batch(0, 1, 2, live=[True, True, False]))
    assert sent == [[0, 1, 2], [0, 1], [1], [0, 1, 2]]


def test_after_a_lost_connection_the_next_episode_is_driven() -> None:
    with serve_policy() as url:
        policy = RemotePolicy(url, connect_s=0.5)
        policy.reset([0], ["go"])
        policy.act(batch(0))
    with pytest.raises(ServerError):
        policy.act(batch(0))
    with pytest.raises(ServerError, match="lost in the middle of the episode"):
        policy.act(batch(0))
    with pytest.raises(ServerError, match="there is no server"):
        policy.reset([0], ["go"])
    with serve_policy(port=int(url.rpartition(":")[2])):
        policy.reset([0], ["go"])
        assert policy.act(batch(0))[0, 0, 0] == pytest.approx(0.01)


def test_a_server_that_serves_another_policy_than_before_is_refused() -> None:
    slower = Counting(replace(Counting().spec, period_s=0.2))
    with serve_policy() as url:
        policy = RemotePolicy(url)
    with (
        serve_policy(lambda: slower, port=int(url.rpartition(":")[2])),
        pytest.raises(ServerError, match="serves another policy than before"),
    ):
        policy.reset([0], ["go"])


@pytest.mark.parametrize(
    "answer", [{}, {"actions": [0.0]}, {"actions": np.zeros((2, 3))}, {"actions": np.zeros(3)}, [1]]
)
def test_an_answer_that_is_none_for_these_slots_is_an_error(answer) -> None:
    with serve_openpi(lambda message: answer if message["endpoint"] == "act" else {}, METADATA) as url:
        policy = RemotePolicy(url)
        policy.reset([0, 1, 2], ["go"] * 3)
        with pytest.raises(ServerError, match="has no actions for these slots"):
            policy.act(batch(0, 1, 2))


@pytest.mark.parametrize("stale", [0, 1])
def test_a_late_answer_is_held_as_often_as_allowed(stale: int) -> None:
    gate, asked = threading.Event(), []

    def infer(message):
        if message["endpoint"] == "act":
            asked.append(1)
            if len(asked) > 1:
                gate.wait(20.0)
        return {"actions": np.full((1, 3), float(len(asked)), np.float32)}

    with serve_openpi(infer, METADATA) as url:
        policy = RemotePolicy(url, timeout_s=5.0, stale_answers=stale)
        policy._conversation._timeout_s = 0.2
        policy.reset([0], ["go"])
        policy.act(batch(0))
        if stale:
            assert policy.act(batch(0))[0, 0, 0] == 1.0
        with pytest.raises(LateAnswerError):
            policy.act(batch(0))
        gate.set()


def test_the_server_is_told_which_slots_begin() -> None:
    asked = []
    with serve_openpi(lambda message: asked.append(message) or {}, METADATA) as url:
        RemotePolicy(url).reset([0, 1], ["go", "stay"])
    assert asked == [{"endpoint": "reset", "slots": [0, 1], "instructions": ["go", "stay"]}]
    assert pack_message(asked[0])
