from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from policies.serve.desk import PolicyDesk
from policies.serve.observations import RequestError
from policies.serve.session import Session
from policies.serve.source import PolicySource

from ..servers import Counting, Unshared, observation


def test_clients_share_a_policy_up_to_the_size_of_its_batch_and_leave_their_seats() -> None:
    async def work(executor):
        desk = PolicyDesk(PolicySource(Counting), 2, executor)
        sessions = [Session(desk) for _ in range(3)]
        for session in sessions:
            await session.answer(observation())
        places = [session._place for session in sessions]
        assert places[0][0] is places[1][0]
        assert places[0][0] is not places[2][0]
        for session in sessions:
            session.leave()
        assert desk._shared == []

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(work(executor))


def test_a_policy_that_cannot_be_shared_is_free_again_when_its_client_leaves() -> None:
    async def work(executor):
        desk = PolicyDesk(PolicySource(Unshared), 2, executor)
        first, second = Session(desk), Session(desk)
        await first.answer(observation())
        with pytest.raises(RequestError, match="one client at a time"):
            await second.answer(observation())
        first.leave()
        await second.answer({"endpoint": "reset", "slots": [0, 1, 2], "instructions": ["go"] * 3})
        second.leave()
        assert len(await Session(desk).answer(observation())) == 1

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(work(executor))


def test_clients_that_come_together_share_a_policy_and_its_calls() -> None:
    made: list[Counting] = []

    class Recorded(Counting):
        def share(self) -> Counting:
            made.append(Counting(self.spec))
            return made[-1]

    async def work(executor):
        desk = PolicyDesk(PolicySource(Recorded), 8, executor)
        sessions = [Session(desk) for _ in range(8)]
        for _ in range(2):
            await asyncio.gather(*[session.answer(observation()) for session in sessions])
        return made[0].batches

    with ThreadPoolExecutor(1) as executor:
        batches = asyncio.run(work(executor))
    assert len(made) == 1
    assert batches[-1] == 8
