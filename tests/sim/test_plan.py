"""Laws of the plan."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.plan import BLOCK_EPISODES, Plan


@given(episodes=st.integers(1, 300), policies=st.integers(1, 3), scenarios=st.integers(1, 3))
def test_the_blocks_hold_every_episode_of_every_cell_once(episodes, policies, scenarios):
    plan = Plan(tuple("abc"[:policies]), tuple("xyz"[:scenarios]), episodes, 7)
    held = [(block.cell, episode.number) for block in plan.blocks for episode in block.episodes]
    assert sorted(held, key=repr) == sorted(((c, n) for c in plan.cells for n in range(episodes)), key=repr)
    assert len(held) == len(set(held))
    assert all(block.count <= BLOCK_EPISODES for block in plan.blocks)
    assert len({block.name for block in plan.blocks}) == len(plan.blocks)


@given(few=st.integers(1, 100), more=st.integers(0, 100))
def test_an_episode_stands_at_the_same_place_of_its_block_however_many_are_asked_for(few, more):
    def places(episodes):
        blocks = Plan(("a",), ("x",), episodes, 0).blocks
        return {e.number: (block.first, slot) for block in blocks for slot, e in enumerate(block.episodes)}

    long, short = places(few + more), places(few)
    assert {number: long[number] for number in short} == short


def test_every_episode_of_a_block_carries_the_suite_seed_and_the_scenario():
    (block,) = Plan(("a",), ("x",), 3, 41).blocks
    assert [(e.scenario, e.suite_seed, e.number, e.perturbation) for e in block.episodes] == [
        ("x", 41, number, "none") for number in range(3)
    ]
