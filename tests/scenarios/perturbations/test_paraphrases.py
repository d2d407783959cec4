"""Laws of paraphrases: another wording keeps the task."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn import drawn, scenarios

from scenarios.lookup import get_scenario
from scenarios.perturbations.paraphrases import (
    FAMILIAR_WRAPPERS,
    TASK_TEMPLATES,
    UNFAMILIAR_WRAPPERS,
    known_words,
    paraphrase_instruction,
)
from scenarios.ranges import Choice
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from scenarios.world import World

FRAMES = (*FAMILIAR_WRAPPERS, *UNFAMILIAR_WRAPPERS)


def _says(text: str, *words: str) -> bool:
    return all(word.lower() in text.lower() for word in words)


def _facts(world: World) -> list[str]:
    """What an instruction of this world must not lose."""
    target, side = world.task.goal.description, world.task.side
    facts = [target if target in world.instruction else f"target {target.split()[-1]}"]
    return facts if side is None else [*facts, side.name, "single box" if "single" in world.instruction else "box obst"]


@scenarios
def test_rephrasing_keeps_target_and_side_and_no_two_say_it_alike(scenario: str) -> None:
    for episode in range(3):
        world = drawn(scenario, episode)
        for far in (False, True):
            sentences = paraphrase_instruction(world, far)
            assert len(set(sentences)) == len(sentences) >= 2
            assert world.instruction not in sentences
            assert not {frame.format(instruction=world.instruction) for frame in FRAMES} & set(sentences), (
                "unknown kind"
            )
            for sentence in sentences:
                assert _says(sentence, *_facts(world)), sentence
                assert not any(other.description in sentence for other in world.task.others)


def test_near_sentences_are_of_known_words_and_far_ones_of_others() -> None:
    known = known_words()
    blank = {"target": "", "side": "", "boxes": ""}
    for kind in TASK_TEMPLATES:
        for template in kind.familiar:
            assert set(template.format(**blank).lower().replace(":", "").split()) <= known, template
        for template in kind.unfamiliar:
            assert len(set(template.format(**blank).lower().split()) - known) >= 2, template


def test_the_words_of_a_new_family_are_known_words(monkeypatch: pytest.MonkeyPatch) -> None:
    corridor, world = get_scenario("corridor"), drawn("corridor", 0)
    target = world.task.goal.description
    told = replace(world, instruction=f"zigzag between the flower pots to the {target}")
    assert all(told.instruction in sentence for sentence in paraphrase_instruction(told, unfamiliar=False))
    spec = replace(corridor.spec, phrases=Choice(("zigzag between the flower pots to the {target}",)))
    monkeypatch.setitem(SCENARIOS, "slalom", Scenario("slalom", "zigzags", spec, corridor.build))
    for far in (False, True):
        assert paraphrase_instruction(told, far)
        assert not any(told.instruction in sentence for sentence in paraphrase_instruction(told, far))


def test_a_sentence_of_unknown_words_is_kept_whole() -> None:
    world = drawn("corridor", 0)
    target = world.task.goal.description
    odd = replace(world, instruction=f"drive to the {target} behind the second pillar")
    for far in (False, True):
        assert all(odd.instruction in sentence for sentence in paraphrase_instruction(odd, far))
