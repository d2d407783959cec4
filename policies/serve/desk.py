"""Places at the policy for all clients of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from policies.serve.batching import SharedBatch, WholeBatch
from policies.serve.source import PolicySource

Result = TypeVar("Result")


class PolicyDesk:
    """Finds a place at the policy for each client, and calls the policy in one thread.

    Args:
        source: Gives the policies.
        batch: Clients that are answered by one call of a shareable policy.
        executor: With one thread.
    """

    def __init__(self, source: PolicySource, batch: int, executor: ThreadPoolExecutor) -> None:
        self.source, self.spec = source, source.spec
        self._seats = batch if source.is_shareable else 1
        self._executor = executor
        self._shared: list[SharedBatch] = []
        self._making = asyncio.Lock()  # clients that come together must find the same batch

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do some work in the policy's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)

    async def take_seat(self) -> tuple[SharedBatch, int]:
        """Return a free seat for a client.

        Raises:
            BusyError: There is none.
        """
        async with self._making:
            for shared in self._shared:
                if (seat := shared.take_seat()) is not None:
                    return shared, seat
            made = SharedBatch(await self.run(self.source.take, self._seats), self._seats, self._executor)
            self._shared.append(made)
            seat = made.take_seat()
        assert seat is not None
        return made, seat

    def leave_seat(self, shared: SharedBatch, seat: int) -> None:
        """Free a client's seat; a batch without clients is given up."""
        shared.leave_seat(seat)
        if not shared.taken and shared in self._shared:
            self._shared.remove(shared)
            self._executor.submit(self.source.give_back, shared.policy)

    def leave_batch(self, batch: WholeBatch) -> None:
        """Give up a client's batch."""
        self._executor.submit(self.source.give_back, batch.policy)

    async def open_batch(self, slots: int) -> WholeBatch:
        """Return a batch of slots for one client.

        Raises:
            BusyError: The policy serves somebody else.
        """
        return await self.run(lambda: WholeBatch(self.source.take(slots), slots))
