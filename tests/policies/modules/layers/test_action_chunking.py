from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.modules.layers.action_chunking import ActionChunkPlayer
from scenarios.common.errors import InputError

THREE = np.ones(3, bool)  # live slots


def _chunk(step: int, *, chunk: int = 3) -> np.ndarray:
    """One slot, one axis: at step s the chunk foresees 10 s, 10 s + 1, ..."""
    return (10 * step + np.arange(chunk, dtype=np.float32)).reshape(1, chunk, 1)


def _played(player: ActionChunkPlayer, steps: int) -> list[float]:
    return [float(player.play(_chunk(s), np.ones(1, bool))[0, 0]) for s in range(steps)]


@pytest.mark.parametrize(
    ("execute", "expected"),
    [(1, [0, 10, 20, 30, 40]), (2, [0, 1, 20, 21, 40]), (3, [0, 1, 2, 30, 31])],
)
def test_the_first_actions_of_a_chunk_are_executed_in_order(execute: int, expected: list[float]) -> None:
    assert _played(ActionChunkPlayer(1, 3, 1, execute=execute), 5) == expected


def test_an_ensemble_weighs_all_chunks_that_foresaw_the_step_the_oldest_most() -> None:
    m = math.log(2)  # weights 1, 1/2, 1/4 from the oldest on
    expected = [
        0.0,
        (1 * 1 + 10 / 2) / 1.5,  # step 1: chunk 0 said 1, chunk 1 says 10
        (2 * 1 + 11 / 2 + 20 / 4) / 1.75,
        (12 * 1 + 21 / 2 + 30 / 4) / 1.75,  # chunk 0 doesn't reach step 3
    ]
    assert _played(ActionChunkPlayer(1, 3, 1, ensemble=m), 4) == pytest.approx(expected, abs=1e-5)


def test_an_ensemble_without_decay_is_the_mean() -> None:
    assert _played(ActionChunkPlayer(1, 3, 1, ensemble=0.0), 3)[2] == pytest.approx((2 + 11 + 20) / 3)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 5), st.floats(0.0, 2.0), st.integers(1, 12))
def test_chunks_that_agree_are_played_as_they_are(chunk: int, ensemble: float, steps: int) -> None:
    player, truth = ActionChunkPlayer(1, chunk, 1, ensemble=ensemble), np.sin(np.arange(20.0, dtype=np.float32))
    for s in range(steps):
        assert player.play(truth[None, s : s + chunk, None], np.ones(1, bool))[0, 0] == pytest.approx(
            truth[s], abs=1e-6
        )


@pytest.mark.parametrize("played", [{"execute": 3}, {"ensemble": 0.1}])
def test_resetting_a_slot_forgets_its_chunks_and_leaves_the_others(played: dict) -> None:
    rng = np.random.default_rng(0)
    chunks = rng.normal(size=(6, 3, 4, 2)).astype(np.float32)  # (step, slot, chunk, axes)
    kept, reset, fresh = (ActionChunkPlayer(3, 4, 2, **played) for _ in range(3))
    for step, each in enumerate(chunks):
        if step == 2:
            reset.reset([1])
        steady, changed = kept.play(each, THREE), reset.play(each, THREE)
        assert np.array_equal(steady[[0, 2]], changed[[0, 2]])
        if step >= 2:
            assert np.array_equal(changed[1], fresh.play(each, THREE)[1])
        if step == 2:
            assert not np.array_equal(changed[1], steady[1])


@pytest.mark.parametrize("played", [{}, {"execute": 2}, {"ensemble": 0.1}])
def test_a_slots_actions_come_from_its_own_chunks(played: dict) -> None:
    rng = np.random.default_rng(0)
    chunks = rng.normal(size=(5, 2, 3, 3)).astype(np.float32)
    others = chunks.copy()
    others[:, 1] += 1.0
    one, other = ActionChunkPlayer(2, 3, 3, **played), ActionChunkPlayer(2, 3, 3, **played)
    for a, b in zip(chunks, others, strict=True):
        first, second = one.play(a, THREE[:2]), other.play(b, THREE[:2])
        assert first.dtype == np.float32
        assert np.array_equal(first[0], second[0])
        assert not np.array_equal(first[1], second[1])


@pytest.mark.parametrize("execute", [0, 4])
def test_no_more_actions_can_be_executed_than_a_chunk_holds(execute: int) -> None:
    with pytest.raises(InputError, match="choose 1 to 3"):
        ActionChunkPlayer(1, 3, 1, execute=execute)


def test_an_ensemble_and_several_executed_actions_exclude_each_other() -> None:
    with pytest.raises(InputError, match="choose one of the two"):
        ActionChunkPlayer(1, 3, 1, execute=2, ensemble=0.1)


@pytest.mark.parametrize("played", [{"execute": 3}, {"ensemble": 0.1}])
def test_a_slot_that_comes_later_leaves_the_others_chunks(played: dict) -> None:
    chunks = np.random.default_rng(0).normal(size=(5, 2, 4, 2)).astype(np.float32)  # (step, slot, chunk, axes)
    grown, alone = ActionChunkPlayer(0, 4, 2, **played), ActionChunkPlayer(1, 4, 2, **played)
    grown.reset([0])
    for step, each in enumerate(chunks):
        if step == 2:
            grown.reset([1])
        here = each if step >= 2 else each[:1]
        assert np.array_equal(grown.play(here, THREE[: len(here)])[0], alone.play(each[:1], THREE[:1])[0])


@pytest.mark.parametrize("played", [{"execute": 3}, {"ensemble": 0.1}])
def test_a_slot_that_is_not_live_plays_on_later_from_where_it_was(played: dict) -> None:
    chunks = np.random.default_rng(0).normal(size=(6, 2, 4, 2)).astype(np.float32)  # (step, slot, chunk, axes)
    paused, alone = ActionChunkPlayer(2, 4, 2, **played), ActionChunkPlayer(2, 4, 2, **played).share()
    alone.reset([0])
    for step, each in enumerate(chunks):
        live = np.array([step % 2 == 0, True])
        action = paused.play(each, live)[0]
        if live[0]:
            assert np.array_equal(action, alone.play(each[:1], THREE[:1])[0])
