"""One client's conversation with the server, from its first request to its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from policies.formats.action_format import to_commands
from policies.policy import PolicyUnavailableError
from policies.remote.metadata import frame_shape
from policies.serve.batching import PolicyFailedError, SharedBatch, WholeBatch
from policies.serve.desk import PolicyDesk
from policies.serve.flavours import ACT, INFER, RESET
from policies.serve.observations import (
    Observation,
    RequestError,
    check_frames,
    check_state,
    read_observation,
)
from policies.serve.source import BusyError, describe_fault
from scenarios.common.errors import unknown_name

Result = TypeVar("Result")
Item = TypeVar("Item")
MOST_SLOTS = 64  # of one client's batch


class Session:
    """One client: a robot, which sends observations, or an evaluation, which sends batches."""

    def __init__(self, desk: PolicyDesk) -> None:
        self._desk = desk
        self._place: tuple[SharedBatch, int] | None = None
        self._whole: WholeBatch | None = None
        self._has_all_frames = False
        self._instruction: str | None = None  # of the episode in progress; None before the first
        self._session_id: Any = None
        self._begins = True

    def leave(self) -> None:
        """Give back what the client has."""
        if self._place is not None:
            self._desk.leave_seat(*self._place)
        if self._whole is not None:
            self._desk.leave_batch(self._whole)
        self._place = self._whole = None

    async def answer(self, message: Any) -> np.ndarray | dict[str, Any]:
        """Answer a request: actions (h, 3) for one robot, or a map.

        Raises:
            RequestError: The request isn't one, or the policy failed; a sentence for the client.
        """
        if not isinstance(message, Mapping):
            raise RequestError(f"a request must be a map, not a {type(message).__name__}")
        endpoint = message.get("endpoint", INFER)
        try:
            if endpoint == INFER:
                return await self._infer(message)
            if endpoint == RESET and "slots" in message:
                return await self._reset_batch(message)
            if endpoint == RESET:
                self._begins = True
                return {"status": "reset successful"}
            if endpoint == ACT:
                return await self._act(message)
        except (BusyError, PolicyFailedError) as error:
            raise RequestError(str(error)) from error
        raise RequestError(str(unknown_name("endpoint", str(endpoint)[:60], (INFER, RESET, ACT))))

    async def _infer(self, message: Mapping[Any, Any]) -> np.ndarray:
        """Answer one robot's observation with body velocities, (h, 3) float32."""
        if self._whole is not None:
            raise RequestError("this connection sends batches: open another one for single observations")
        spec = self._desk.spec
        observation = read_observation(message, spec)
        instruction = self._begin_episode(message, observation)
        if self._place is None:
            self._place = await self._desk.take_seat()
        shared, seat = self._place
        try:
            chunk = await shared.ask(seat, observation, instruction)
        except PolicyFailedError as error:
            self._begins = self._begins or error.is_lost
            raise
        self._begins, self._instruction = False, instruction or self._instruction
        if chunk.shape[-1] != len(spec.action.columns):
            raise RequestError(f"policy '{spec.name}' answered with {chunk.shape[-1]} columns")
        actions = to_commands(spec.action, chunk[None], spec.period_s)[0]
        if not np.isfinite(actions).all():
            raise RequestError(f"policy '{spec.name}' answered with a value that isn't a finite number")
        return actions

    def _begin_episode(self, message: Mapping[Any, Any], observation: Observation) -> str | None:
        """Return the instruction of the episode that a request begins; None if its episode goes on."""
        prompt = self._instruction if observation.prompt is None else observation.prompt
        if prompt is None:
            raise RequestError("the first observation of a connection must contain a 'prompt'")
        other_session = message.get("session_id", self._session_id) != self._session_id
        self._session_id = message.get("session_id", self._session_id)
        asked = message.get("reset") is True
        return prompt if self._begins or asked or other_session or prompt != self._instruction else None

    async def _reset_batch(self, message: Mapping[Any, Any]) -> dict[str, Any]:
        """Begin episodes in slots of the client's batch; the first such request names all of them."""
        if self._place is not None:
            raise RequestError("this connection sends single observations: open another one for batches")
        slots, instructions = _read_list(message, "slots", int), _read_list(message, "instructions", str)
        if not 0 < len(slots) == len(instructions):
            raise RequestError("a reset must contain as many 'instructions' as 'slots'")
        most = MOST_SLOTS if self._whole is None else self._whole.slots
        if len(set(slots)) < len(slots) or not all(0 <= slot < most for slot in slots):
            raise RequestError(f"'slots' must be different numbers from 0 to {most - 1}")
        if self._whole is None:
            if set(slots) != set(range(len(slots))):
                raise RequestError("the first reset must name every slot, from 0 on")
            self._whole = await self._desk.open_batch(len(slots))
        await self._call(self._whole.reset, slots, instructions)
        return {"status": "reset successful"}

    async def _act(self, message: Mapping[Any, Any]) -> dict[str, Any]:
        """Answer a batch with the policy's actions as they are."""
        if self._whole is None:
            raise RequestError("a batch needs a reset first, which names its slots")
        spec, slots = self._desk.spec, self._whole.slots
        rows = _check_rows(message.get("rows"), slots, not self._has_all_frames)
        live = message.get("live")
        if not isinstance(live, np.ndarray) or live.dtype != np.bool_ or live.shape != (slots,):
            raise RequestError(f"'live' must be ({slots},) bool")
        states = check_state(message.get("agent_pos"), "agent_pos", (slots, len(spec.observation.state)))
        pixels = None
        if spec.image_size is not None:
            pixels = check_frames(message.get("pixels"), "pixels", (len(rows), *frame_shape(spec)))
        actions = await self._call(self._whole.act, rows, pixels, states, live.copy())
        self._has_all_frames = True
        return {"actions": actions}

    async def _call(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Call the policy."""
        try:
            return await self._desk.run(work, *arguments)
        except (Exception, PolicyUnavailableError) as error:
            raise PolicyFailedError(f"policy '{self._desk.spec.name}' {describe_fault(error)}") from error


def _read_list(message: Mapping[Any, Any], key: str, kind: type[Item]) -> list[Item]:
    values = message.get(key)
    if not isinstance(values, list) or not all(type(value) is kind for value in values):
        raise RequestError(f"'{key}' must be a list of {'texts' if kind is str else 'whole numbers'}")
    return values


def _check_rows(rows: Any, slots: int, needs_all: bool) -> Sequence[int]:
    if isinstance(rows, np.ndarray) and rows.ndim == 1 and rows.dtype.kind in "iu" and len(rows) <= slots:
        numbers: list[int] = rows.tolist()
        if len(set(numbers)) == len(numbers) and all(0 <= row < slots for row in numbers):
            if needs_all and len(numbers) < slots:
                raise RequestError("the first batch must contain the frames of all slots")
            return numbers
    raise RequestError(f"'rows' must be different whole numbers from 0 to {slots - 1}")
