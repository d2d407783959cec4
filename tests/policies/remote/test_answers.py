from __future__ import annotations

import numpy as np
import pytest

from policies.remote.answers import Answers, HoldRule, read_actions
from policies.remote.connection import LateAnswerError, ServerError

CHUNK = np.arange(6, dtype=np.float64).reshape(3, 2)
EXECUTED = 2  # of the three actions of a chunk


@pytest.mark.parametrize(
    "answer",
    [
        CHUNK,
        CHUNK[None],
        {"actions": CHUNK, "server_timing": {}},
        {"action": CHUNK},
        {"actions": CHUNK.tolist()},
        {"vx": CHUNK[:, 0], "wz": CHUNK[:, 1]},
        {"wz": CHUNK[None, :, 1:], "vx": CHUNK[None, :, :1]},
    ],
    ids=["array", "batch of one", "openpi", "cosmos", "lists", "columns", "columns of a batch"],
)
def test_actions_are_found_in_every_form_of_answer(answer) -> None:
    found = read_actions(answer, ("vx", "wz"))
    assert found.dtype == np.float32
    assert (found == CHUNK).all()


def test_one_action_is_a_chunk_of_one() -> None:
    assert read_actions({"actions": np.zeros(2)}, ("vx", "wz")).shape == (1, 2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "answered with a NoneType"),
        ([[0.0, 0.0]], "answered with a list"),
        ({}, "its keys are none"),
        ({"status": "ok"}, "has no 'actions': its keys are status"),
        ({"actions": np.zeros((3, 7))}, r"shape \(3, 7\), expected \(horizon, 2\) for vx, wz"),
        ({"actions": np.zeros((2, 3, 2))}, r"shape \(2, 3, 2\)"),
        ({"actions": np.zeros((0, 2))}, r"shape \(0, 2\)"),
        ({"actions": [[0.0], [1.0, 2.0]]}, "aren't an array"),
        ({"actions": [["a", "b"]]}, "aren't numbers"),
        ({"actions": None}, "aren't numbers"),
        ({"vx": np.zeros(3), "wz": np.zeros(2)}, "has no 'actions'"),
    ],
)
def test_an_answer_without_actions_is_refused_in_one_sentence(answer, message) -> None:
    with pytest.raises(ServerError, match=message):
        read_actions(answer, ("vx", "wz"))


def answers(value: float, *late: bool) -> Answers:
    actions = np.arange(value, value + 3, dtype=np.float32)[None, :, None] + np.zeros((len(late), 3, 2), np.float32)
    return Answers(actions, np.array(late))


def test_a_late_answer_is_an_error_unless_it_is_allowed() -> None:
    rule = HoldRule(0, 5.0)
    rule.reset([0, 1])
    rule.apply(answers(1, False, False), EXECUTED)
    with pytest.raises(LateAnswerError, match="didn't answer within 5 s"):
        rule.apply(answers(2, True, False), EXECUTED)


def test_the_last_driven_action_is_held_as_often_as_allowed() -> None:
    rule = HoldRule(2, 5.0)
    rule.reset([0, 1])
    rule.apply(answers(10, False, False), EXECUTED)
    for turn in (20, 30):
        held = rule.apply(answers(turn, True, False), EXECUTED)
        assert held[0, :, 0].tolist() == [11.0] * 3  # two of the chunk's actions are driven
        assert held[1, :, 0].tolist() == [turn, turn + 1, turn + 2]
    with pytest.raises(LateAnswerError, match="held 2 times"):
        rule.apply(answers(40, True, False), EXECUTED)


def test_an_answer_in_time_allows_as_many_again() -> None:
    rule = HoldRule(1, 5.0)
    rule.reset([0])
    for turn in range(3):
        rule.apply(answers(turn, False), EXECUTED)
        rule.apply(answers(0, True), EXECUTED)


def test_the_first_answer_of_an_episode_cannot_be_late() -> None:
    rule = HoldRule(3, 5.0)
    rule.reset([0, 1])
    with pytest.raises(LateAnswerError):
        rule.apply(answers(0, True, False), EXECUTED)
    rule.apply(answers(0, False, False), EXECUTED)
    rule.reset([1])
    assert rule.apply(answers(0, True, False), EXECUTED).shape == (2, 3, 2)
    rule.reset([1])
    with pytest.raises(LateAnswerError):
        rule.apply(answers(0, False, True), EXECUTED)
