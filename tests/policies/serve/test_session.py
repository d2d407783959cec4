from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from policies.formats.action_format import ActionFormat
from policies.policy import PolicySpec
from policies.serve.desk import PolicyDesk
from policies.serve.observations import RequestError
from policies.serve.session import MOST_SLOTS, Session
from policies.serve.source import PolicySource

from ..servers import SIZE, Counting, observation


def converse(*messages, make=Counting, batch=2):
    """What one client is answered; the last may be refused."""

    async def work(executor):
        session = Session(PolicyDesk(PolicySource(make), batch, executor))
        try:
            return [await session.answer(message) for message in messages]
        finally:
            session.leave()

    with ThreadPoolExecutor(1) as executor:
        return asyncio.run(work(executor))


def steps(*messages) -> list[int]:
    """The step of its episode at which each observation was answered."""
    return [round(100 * answer[0, 0]) for answer in converse(*messages) if isinstance(answer, np.ndarray)]


def test_an_answer_is_a_chunk_of_body_velocities() -> None:
    (answer,) = converse(observation(light=255))
    assert answer.shape == (1, 3)
    assert answer.dtype == np.float32
    assert answer[0].tolist() == pytest.approx([0.01, 1.0, 0.02])


def test_actions_in_another_format_are_converted() -> None:
    spec = PolicySpec("si", SIZE, 0.1, (0.0, 0.0, 0.0), action=ActionFormat(unit="si"), parameters=1)
    (answer,) = converse(observation(light=255), make=lambda: Counting(spec))
    assert answer[0, 1] == pytest.approx(1 / 1.15)


@pytest.mark.parametrize(
    "again",
    [
        (observation(prompt="other"),),
        ({"endpoint": "reset"}, observation()),
        (observation(reset=True),),
        (observation(session_id="b"),),
    ],
    ids=["prompt", "reset message", "reset key", "session id"],
)
def test_an_episode_begins_with_a_new_prompt_a_reset_or_another_session_id(again) -> None:
    assert steps(observation(), observation(), *again, *(dict(again[-1], reset=False),)) == [1, 2, 1, 2]


def test_a_prompt_that_is_left_out_is_that_of_the_episode() -> None:
    without = {key: value for key, value in observation().items() if key != "prompt"}
    assert steps(observation(), without, without) == [1, 2, 3]
    with pytest.raises(RequestError, match="must contain a 'prompt'"):
        converse(without)


def test_a_reset_is_confirmed_as_vllm_does() -> None:
    assert converse({"endpoint": "reset"}) == [{"status": "reset successful"}]


def whole(rows=(0, 1, 2), slots=3, **changes):
    message = {
        "endpoint": "act",
        "rows": np.array(rows, dtype=np.int64),
        "live": np.ones(slots, bool),
        "agent_pos": np.zeros((slots, 6), np.float32),
        "pixels": np.zeros((len(rows), *SIZE, 3), np.uint8),
    }
    return {**message, **changes}


RESET = {"endpoint": "reset", "slots": [0, 1, 2], "instructions": ["go"] * 3}


def test_a_batch_is_answered_with_the_policys_actions_as_they_are() -> None:
    _, first, again, second = converse(RESET, whole(), {**RESET, "slots": [1], "instructions": ["go"]}, whole((1,)))
    assert (first["actions"][:, 0] * 100).round().tolist() == [1, 1, 1]
    assert again == {"status": "reset successful"}
    assert (second["actions"][:, 0] * 100).round().tolist() == [2, 1, 2]


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        (("text",), "a request must be a map, not a str"),
        (([1],), "a request must be a map, not a list"),
        (({"endpoint": "kill"},), "unknown endpoint 'kill'"),
        (({"endpoint": ["infer"]},), "unknown endpoint"),
        ((whole(),), "a batch needs a reset first"),
        (({**RESET, "slots": [0, 1]},), "as many 'instructions' as 'slots'"),
        (({**RESET, "slots": [0, 1, True]},), "'slots' must be a list of whole numbers"),
        (({**RESET, "slots": [], "instructions": []},), "as many 'instructions'"),
        (({**RESET, "instructions": "abc"},), "'instructions' must be a list of texts"),
        (({**RESET, "slots": [0, 1, 1]},), "must be different numbers"),
        (({**RESET, "slots": [0, 1, MOST_SLOTS]},), f"from 0 to {MOST_SLOTS - 1}"),
        (({**RESET, "slots": [0, 1, 3]},), "must name every slot"),
        ((RESET, {**RESET, "slots": [1, 2, 3]}), "from 0 to 2"),
        ((RESET, whole((0, 1))), "the first batch must contain the frames of all slots"),
        ((RESET, whole(), whole((0, 0))), "'rows' must be different"),
        ((RESET, whole(), whole((-1,))), "'rows' must be different"),
        ((RESET, whole(rows=(0, 1, 2), live=np.ones(2, bool))), r"'live' must be \(3,\) bool"),
        ((RESET, whole(agent_pos=np.zeros((3, 5), np.float32))), r"'agent_pos' must be \(3, 6\) float32"),
        ((RESET, whole(pixels=np.zeros((2, *SIZE, 3), np.uint8))), "'pixels' must be"),
        ((RESET, observation()), "this connection sends batches"),
        ((observation(), RESET), "this connection sends single observations"),
    ],
)
def test_a_request_that_is_none_is_refused_in_one_sentence(messages, sentence) -> None:
    with pytest.raises(RequestError, match=sentence):
        converse(*messages)


def test_a_policy_that_raises_or_answers_nan_is_told_to_the_client() -> None:
    class Failing(Counting):
        def act(self, batch):
            if self.lengths.max() > 2:
                raise RuntimeError("too long")
            return super().act(batch) * np.nan

        def share(self):
            return Failing()

    with pytest.raises(RequestError, match="isn't a finite number"):
        converse(observation(), make=Failing)
    for messages in ((observation(prompt="longer"),), ({**RESET, "instructions": ["longer"] * 3}, whole())):
        with pytest.raises(RequestError, match="policy 'counting' raised RuntimeError: too long"):
            converse(*messages, make=Failing)
