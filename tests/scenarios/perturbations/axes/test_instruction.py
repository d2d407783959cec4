"""Laws of the instruction axis: a swap asks for what was not asked."""

from __future__ import annotations

import pytest
from drawn import drawn, kept_scenario, scenarios

from scenarios.navigation.clearance_grid import is_goal_reachable
from scenarios.perturbations import (
    SWAPPED_INSTRUCTION,
    is_supported,
)


@scenarios
def test_a_swap_keeps_the_phrase_and_a_paraphrase_has_none(scenario: str) -> None:
    worlds = [drawn(scenario, episode) for episode in range(8)]
    assert {world.phrase for world in worlds} == {"seen", "unseen"}
    for episode, base in enumerate(worlds):
        for level in (1, 2):
            told = drawn(scenario, episode, f"instruction={level}")
            assert told.phrase is None
            assert base.instruction not in told.instruction
    if is_supported(kept_scenario(scenario), SWAPPED_INSTRUCTION):
        assert [drawn(scenario, n, "instruction=3").phrase for n in range(8)] == [world.phrase for world in worlds]


def _says(text: str, *words: str) -> bool:
    return all(word.lower() in text.lower() for word in words)


@scenarios
def test_a_swap_asks_for_what_was_not_asked(scenario: str) -> None:
    if not is_supported(kept_scenario(scenario), SWAPPED_INSTRUCTION):
        pytest.skip("has no choice")
    for episode in range(2):
        base, world = drawn(scenario, episode), drawn(scenario, episode, "instruction=3")
        before, now = base.task, world.task
        assert world.instruction != base.instruction
        assert is_goal_reachable(world, world.clearance_m)
        if now.goal.name != before.goal.name:
            rivals = before.decoys or before.others
            assert now.goal.name in {other.name for other in rivals}
            assert now.goal.pose == next(other.pose for other in rivals if other.name == now.goal.name)
            assert _says(world.instruction, now.goal.description)
            assert not _says(world.instruction, before.goal.description)
            left = {other.name for other in now.decoys or now.others}
            assert left == {other.name for other in rivals} - {now.goal.name} | {before.goal.name}
            assert (now.hold_s, now.hold_m) == (before.hold_s, before.hold_m)
        else:
            assert before.side is not None
            assert now.side is not None
            assert (now.side.asked, now.side.other) == (before.side.other, before.side.asked)
            assert {before.side.name, now.side.name} == {"left", "right"}
            assert world.instruction == base.instruction.replace(before.side.name, now.side.name)
