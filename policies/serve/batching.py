"""Batches of a constant size from clients that ask at their own times."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from policies.policy import ObservationBatch, Policy, PolicySpec, PolicyUnavailableError
from policies.remote.metadata import frame_shape
from policies.serve.observations import Observation
from policies.serve.source import describe_fault, is_lost, split_chunks

WINDOW_S = 0.005  # time in which other clients' requests are waited for


class PolicyFailedError(RuntimeError):
    """A policy that raised an error, in one sentence.

    Attributes:
        is_lost: True if the episode is lost with it: the next request begins another one.
    """

    def __init__(self, sentence: str, is_lost: bool = False) -> None:
        super().__init__(sentence)
        self.is_lost = is_lost


@dataclass(frozen=True)
class _Request:
    seat: int
    observation: Observation
    instruction: str | None  # of a new episode
    answer: asyncio.Future[np.ndarray]


class SharedBatch:
    """A policy whose slots belong to different clients, one each: its seats.

    Requests that arrive within a short time, or while a batch is computed, are answered by one call of the policy. The
    batch always has all slots, so an answer doesn't depend on who asked beside it. Lives in one event loop; the policy
    is called in the executor's thread alone.

    Args:
        policy: A policy in which slots that aren't live keep their state, unless there is only one.
        seats: Number of slots.
        executor: With one thread.
    """

    def __init__(self, policy: Policy, seats: int, executor: Executor) -> None:
        self.policy, self._executor = policy, executor
        self._free = set(range(seats))
        self._seats = seats
        self._pixels, self._states = _blank(policy.spec, seats)
        self._is_started = False
        self._lost: set[int] = set()  # seats whose episodes ended with the policy's process
        self._waiting: list[_Request] = []
        self._is_complete = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    @property
    def taken(self) -> int:
        """Number of clients."""
        return self._seats - len(self._free)

    def take_seat(self) -> int | None:
        """Return a seat for a client; None if all are taken."""
        if not self._free:
            return None
        seat = min(self._free)
        self._free.remove(seat)
        return seat

    def leave_seat(self, seat: int) -> None:
        """Free a seat."""
        self._free.add(seat)
        self._lost.discard(seat)

    async def ask(self, seat: int, observation: Observation, instruction: str | None) -> np.ndarray:
        """Return the policy's actions for a seat, (c, k) float32.

        Args:
            seat: The client's seat.
            observation: What its robot sees.
            instruction: That of a new episode; None if the episode goes on.

        Raises:
            PolicyFailedError: The policy raised an error.
        """
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(seat, observation, instruction, answer))
        if len(self._waiting) >= self.taken:
            self._is_complete.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            if len(self._waiting) < self.taken:
                self._is_complete.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WINDOW_S):
                        await self._is_complete.wait()
            requests, self._waiting = self._waiting, []
            answers = await loop.run_in_executor(self._executor, self._compute, requests)
            for request, answer in zip(requests, answers, strict=True):
                if request.answer.done():  # its client is gone
                    continue
                if isinstance(answer, PolicyFailedError):
                    request.answer.set_exception(answer)
                else:
                    request.answer.set_result(answer)

    def _compute(self, requests: Sequence[_Request]) -> list[np.ndarray | PolicyFailedError]:
        """Answer requests with one call of the policy; an error of an instruction is its own client's alone."""
        failed = {request.seat: error for request in requests if (error := self._begin(request)) is not None}
        live = np.zeros(self._seats, bool)
        for request in requests:
            if request.seat not in failed:
                live[request.seat] = True
                self._states[request.seat] = request.observation.agent_pos
                if self._pixels is not None:
                    self._pixels[request.seat] = request.observation.pixels
        if not live.any():
            return list(failed.values())
        pixels = None if self._pixels is None else self._pixels.copy()  # the policy may keep it
        try:
            chunks = split_chunks(self.policy.act(ObservationBatch(pixels, self._states.copy(), live)), self._seats)
        except (Exception, PolicyUnavailableError) as error:  # noqa: BLE001  any policy, any error: its clients are told
            failure = self._describe(error)
            return [failed.get(request.seat, failure) for request in requests]
        return [failed.get(request.seat, chunks[request.seat]) for request in requests]

    def _begin(self, request: _Request) -> PolicyFailedError | None:
        """Start a client's episode, if one begins; return the policy's error."""
        if request.instruction is None:
            if request.seat not in self._lost:
                return None
            return PolicyFailedError(f"the process of policy '{self.policy.spec.name}' ended in the episode", True)
        slots = [request.seat] if self._is_started else range(self._seats)
        try:
            self.policy.reset(slots, [request.instruction] * len(slots))
        except (Exception, PolicyUnavailableError) as error:  # noqa: BLE001  any policy, any error: its client is told
            return self._describe(error)
        self._is_started = True
        self._lost.discard(request.seat)
        return None

    def _describe(self, error: BaseException) -> PolicyFailedError:
        """Describe the policy's error; if its process ended, so did the episodes of all clients."""
        if lost := is_lost(self.policy):
            self._is_started, self._lost = False, set(range(self._seats)) - self._free
        return PolicyFailedError(f"policy '{self.policy.spec.name}' {describe_fault(error)}", lost)


class WholeBatch:
    """A policy all of whose slots belong to one client, an evaluation that drives them in lockstep.

    Args:
        policy: The policy.
        slots: Number of slots.
    """

    def __init__(self, policy: Policy, slots: int) -> None:
        self.policy, self.slots = policy, slots
        self._pixels, _ = _blank(policy.spec, slots)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start episodes."""
        self.policy.reset(slots, instructions)

    def act(self, rows: np.ndarray, pixels: np.ndarray | None, states: np.ndarray, live: np.ndarray) -> np.ndarray:
        """Return the policy's answer as it is.

        Args:
            rows: (m,) slots with a new frame; the others keep their last one.
            pixels: (m, [frames,] H, W, 3) uint8; None if the policy takes none.
            states: (n, k) float32.
            live: (n,) bool.
        """
        if self._pixels is not None:
            self._pixels[rows] = pixels
        seen = None if self._pixels is None else self._pixels.copy()
        return np.asarray(self.policy.act(ObservationBatch(seen, states, live)), dtype=np.float32)


def _blank(spec: PolicySpec, slots: int) -> tuple[np.ndarray | None, np.ndarray]:
    """Return frames and states of slots that nobody has sent anything for."""
    pixels = None if spec.image_size is None else np.zeros((slots, *frame_shape(spec)), np.uint8)
    return pixels, np.zeros((slots, len(spec.observation.state)), np.float32)
