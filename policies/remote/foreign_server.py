"""Conversation with any openpi server: a connection for each slot, one observation in a message."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from policies.formats.observation_format import to_dictionary
from policies.policy import ObservationBatch, PolicySpec
from policies.remote.access import speaks_vllm
from policies.remote.answers import Answers, read_actions
from policies.remote.connection import (
    Connection,
    ConnectionLostError,
    LateAnswerError,
    Server,
    ServerError,
)
from policies.remote.opening import EventLoop


class ForeignServerConversation:
    """A connection for each slot, opened anew for each episode, so that a server with a memory begins anew, too.

    The observations of all live slots are sent at the same time; a slot that never is live has no connection.

    Args:
        server: How to reach it.
        loop: Where the connections live.
        spec: What the policy takes and answers.
        timeout_s: Time for an answer.
    """

    def __init__(self, server: Server, loop: EventLoop, spec: PolicySpec, timeout_s: float) -> None:
        self._server, self._loop, self._spec, self._timeout_s = server, loop, spec, timeout_s
        self._is_vllm = speaks_vllm(server.url)
        self._connections: dict[int, Connection] = {}
        self._instructions: dict[int, str] = {}
        self._sessions: dict[int, str] = {}

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start an episode in each of these slots."""
        for slot, instruction in zip(slots, instructions, strict=True):
            self._instructions[slot], self._sessions[slot] = instruction, uuid.uuid4().hex
        self._loop.run(_gather([self._connections.pop(slot).close() for slot in slots if slot in self._connections]))

    async def _connect(self, slot: int) -> Connection:
        self._connections[slot] = made = await self._loop.connect(self._server)
        return made

    def act(self, batch: ObservationBatch) -> Answers:
        """Ask for the actions of all live slots.

        Raises:
            ServerError: The server can't be reached, or answers with an error, or with what isn't an answer.
        """
        live = np.flatnonzero(batch.live).tolist()
        found = self._loop.run(_gather([self._ask(slot, self._make_message(slot, batch)) for slot in live]))
        answered = {slot: actions for slot, actions in zip(live, found, strict=True) if actions is not None}
        lengths = {len(actions) for actions in answered.values()} or {1}
        if len(lengths) > 1:
            raise ServerError(f"the server answers with chunks of different lengths: {sorted(lengths)}")
        columns = len(self._spec.action.columns)
        actions = np.zeros((len(batch.live), lengths.pop(), columns), np.float32)
        for slot, chunk in answered.items():
            actions[slot] = chunk
        late = np.array([slot in live and slot not in answered for slot in range(len(batch.live))])
        return Answers(actions, late)

    def _make_message(self, slot: int, batch: ObservationBatch) -> dict[str, Any]:
        pixels = None if batch.pixels is None else batch.pixels[slot]
        message = to_dictionary(self._spec.observation, pixels, batch.agent_pos[slot], self._instructions[slot])
        if self._is_vllm:
            message.update(endpoint="infer", session_id=self._sessions[slot])
        return message

    async def _ask(self, slot: int, message: dict[str, Any]) -> np.ndarray | None:
        """Ask for one slot's actions (c, k); None if the answer is late.

        A lost connection is opened again once, unless the policy remembers the episode, which the server then doesn't.
        """
        try:
            connection = self._connections.get(slot) or await self._connect(slot)
            answer = await connection.ask(message, self._timeout_s)
        except LateAnswerError:
            return None
        except ConnectionLostError as error:
            if self._spec.history != 1:
                raise ServerError(f"{error} in the middle of an episode, which its policy remembers") from error
            connection = await self._connect(slot)
            answer = await connection.ask(message, self._timeout_s)
        return read_actions(answer, self._spec.action.columns)


async def _gather(work: Sequence[Any]) -> list[Any]:
    """Do all work at the same time, wait for all of it, and raise the first error."""
    found = await asyncio.gather(*work, return_exceptions=True)
    for result in found:
        if isinstance(result, BaseException):
            raise result
    return found
