"""Conversation with one of our own servers: whole batches in one message."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch
from policies.remote.answers import Answers
from policies.remote.connection import Connection, LateAnswerError, Server, ServerError
from policies.remote.metadata import ServerMetadata
from policies.remote.opening import EventLoop


class OwnServerConversation:
    """One connection, whose server keeps the state of every slot.

    A frame is sent when its slot is live, and once after a reset: slots whose episodes have ended keep their last one.

    Args:
        server: How to reach it.
        loop: Where the connection lives.
        metadata: What the server said at first; a server that says something else later is refused.
        timeout_s: Time for an answer.
    """

    def __init__(self, server: Server, loop: EventLoop, metadata: ServerMetadata, timeout_s: float) -> None:
        self._server, self._loop, self._metadata, self._timeout_s = server, loop, metadata, timeout_s
        self._connection: Connection | None = None
        self._slots = 0
        self._sent_all = False

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start an episode in each of these slots; where all start, on a connection of its own.

        Raises:
            ServerError: The server can't be reached, or refuses.
        """
        if self._connection is None or set(slots) >= set(range(self._slots)):
            self._slots = max(slots) + 1
            self._connection = self._loop.run(self._reopen())
        self._sent_all = False
        message = {"endpoint": "reset", "slots": list(slots), "instructions": [str(text) for text in instructions]}
        self._loop.run(self._connection.ask(message, self._timeout_s))

    async def _reopen(self) -> Connection:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
        made = await self._loop.connect(self._server)
        if made.metadata != self._metadata:
            await made.close()
            raise ServerError(f"the server at {self._server.url} serves another policy than before: start again")
        return made

    def act(self, batch: ObservationBatch) -> Answers:
        """Ask for the actions of all live slots.

        Raises:
            ServerError: The server answers with an error, or with what isn't an answer.
        """
        if self._connection is None:
            raise ServerError("the connection to the server was lost in the middle of the episode")
        rows = np.flatnonzero(batch.live) if self._sent_all else np.arange(len(batch.live))
        message = {"endpoint": "act", "rows": rows, "live": batch.live, "agent_pos": batch.agent_pos}
        if batch.pixels is not None:
            message["pixels"] = batch.pixels[rows]
        try:
            answer = self._loop.run(self._connection.ask(message, self._timeout_s))
        except LateAnswerError:
            return Answers(np.zeros((len(batch.live), 1, 1), np.float32), batch.live.copy())
        except ServerError:
            self._connection = None  # its memory of the episodes is gone
            raise
        self._sent_all = True
        return Answers(_read_batch(answer, len(batch.live)), np.zeros(len(batch.live), bool))


def _read_batch(answer: object, slots: int) -> np.ndarray:
    """Read the actions of a batch: (n, c, k) float32."""
    actions = answer.get("actions") if isinstance(answer, dict) else None
    if not isinstance(actions, np.ndarray) or actions.ndim not in (2, 3) or len(actions) != slots:
        raise ServerError("the server's answer has no actions for these slots")
    chunks = actions if actions.ndim == 3 else actions[:, None]
    return chunks.astype(np.float32)
