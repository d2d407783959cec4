from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from policies.serve.batching import PolicyFailedError, SharedBatch, WholeBatch
from policies.serve.observations import Observation

from ..servers import SIZE, Counting


def seen(light: int) -> Observation:
    return Observation(np.full((*SIZE, 3), light, np.uint8), np.zeros(6, np.float32), None)


def run(work):
    """Run work that is given an executor, as a server runs it."""
    with ThreadPoolExecutor(1) as executor:
        return asyncio.run(work(executor))


def test_requests_at_the_same_time_are_one_call_and_each_gets_its_own_answer() -> None:
    policy = Counting()

    async def work(executor):
        batch = SharedBatch(policy, 4, executor)
        seats = [batch.take_seat() for _ in range(3)]
        return await asyncio.gather(*[batch.ask(seat, seen(51 * seat), "go " * seat) for seat in seats])

    answers = run(work)
    assert policy.batches == [3]
    assert [answer[0].round(3).tolist() for answer in answers] == [
        pytest.approx([0.01, 0.2 * seat, 0.03 * seat], abs=1e-3) for seat in range(3)
    ]


def test_answers_do_not_depend_on_who_asks_beside_whom() -> None:
    order = np.random.default_rng(0)

    async def work(executor):
        alone, busy = SharedBatch(Counting(), 4, executor), SharedBatch(Counting(), 4, executor)
        mine = alone.take_seat(), busy.take_seat()
        others = [busy.take_seat() for _ in range(2)]
        for step in range(6):
            text = "go" if step == 0 else None
            wanted = await alone.ask(mine[0], seen(step), text)
            asked = [busy.ask(seat, seen(200), "x" * 9) for seat in others if order.random() < 0.6]
            found, *_ = await asyncio.gather(busy.ask(mine[1], seen(step), text), *asked)
            assert np.array_equal(wanted, found)

    run(work)


def test_what_arrives_while_a_batch_is_computed_is_the_next_batch() -> None:
    going = threading.Event()

    class Slow(Counting):
        def act(self, batch):
            going.wait(10.0)
            return super().act(batch)

    policy = Slow()

    async def work(executor):
        batch = SharedBatch(policy, 4, executor)
        first, *rest = [batch.take_seat() for _ in range(4)]
        earlier = asyncio.create_task(batch.ask(first, seen(0), "go"))
        await asyncio.sleep(0.1)
        later = [asyncio.create_task(batch.ask(seat, seen(0), "go")) for seat in rest]
        await asyncio.sleep(0.1)
        going.set()
        await asyncio.gather(earlier, *later)

    run(work)
    assert policy.batches == [1, 3]


def test_an_instruction_that_the_policy_cannot_take_fails_its_own_client_alone() -> None:
    class Picky(Counting):
        def reset(self, slots, instructions) -> None:
            if "bad" in instructions:
                raise ValueError("no such word")
            super().reset(slots, instructions)

    async def work(executor):
        batch = SharedBatch(Picky(), 2, executor)
        seats = [batch.take_seat(), batch.take_seat()]
        asked = [batch.ask(seats[0], seen(0), "bad"), batch.ask(seats[1], seen(0), "good")]
        return await asyncio.gather(*asked, return_exceptions=True)

    failed, answered = run(work)
    assert isinstance(failed, PolicyFailedError)
    assert "'counting' raised ValueError: no such word" in str(failed)
    assert answered.shape == (1, 3)


def test_a_policy_that_raises_fails_all_who_asked() -> None:
    class Failing(Counting):
        def act(self, batch):
            raise RuntimeError("out of memory")

    async def work(executor):
        batch = SharedBatch(Failing(), 2, executor)
        seats = [batch.take_seat(), batch.take_seat()]
        return await asyncio.gather(*[batch.ask(seat, seen(0), "go") for seat in seats], return_exceptions=True)

    assert ["out of memory" in str(error) for error in run(work)] == [True, True]


def test_seats_are_given_until_none_is_free() -> None:
    async def work(executor):
        batch = SharedBatch(Counting(), 2, executor)
        assert [batch.take_seat() for _ in range(3)] == [0, 1, None]
        batch.leave_seat(0)
        assert batch.taken == 1
        assert batch.take_seat() == 0

    run(work)


def test_a_whole_batch_keeps_the_frames_of_slots_that_send_none() -> None:
    class Watching(Counting):
        def act(self, batch):
            self.seen = batch.pixels[:, 0, 0, 0].tolist()
            return super().act(batch)

    policy = Watching()
    batch = WholeBatch(policy, 3)
    batch.reset([0, 1, 2], ["go"] * 3)
    states, live = np.zeros((3, 6), np.float32), np.ones(3, bool)
    batch.act([0, 1, 2], np.stack([seen(light).pixels for light in (1, 2, 3)]), states, live)
    batch.act([1], seen(9).pixels[None], states, np.array([False, True, False]))
    assert policy.seen == [1, 9, 3]
    assert policy.steps.tolist() == [1, 2, 1]
