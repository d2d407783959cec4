from __future__ import annotations

from itertools import product

import pytest

from policies.reference.vocabulary import COLOURS, KINDS, Asked, Room, name_item, read_instruction
from scenarios.families.pursuit import TARGET_BUILDERS
from scenarios.objects.targets import TARGET_KINDS
from scenarios.perturbations.paraphrases import paraphrase_instruction
from scenarios.registry import SCENARIOS


@pytest.mark.parametrize("family", sorted(SCENARIOS))
@pytest.mark.parametrize("suite_seed", [2000, 5])  # with phrases of training alone, and with those held out from it
def test_every_instruction_of_the_families_names_its_target(family: str, suite_seed: int) -> None:
    for episode in range(16):
        world = SCENARIOS[family].world(suite_seed, episode)
        asked, goal = read_instruction(world.instruction), world.item(world.task.goal.name)
        kind, colour = name_item(goal.label)
        assert (asked.kind, asked.colour) == (kind, None if family == "box-detour" else colour)
        assert asked.follows == (family == "pursuit")
        assert asked.side == (None if world.task.side is None else {"left": 1, "right": -1}[world.task.side.name])
        assert (asked.room is not None) == (family == "rooms")


def test_every_phrase_of_every_family_names_each_of_its_targets() -> None:
    labels = [f"{colour} {kind}" for colour, kind in TARGET_KINDS]
    moving = [kind.format(colour=colour) for kind, colour in product(TARGET_BUILDERS, COLOURS)]
    for family, scenario in SCENARIOS.items():
        if family == "box-detour":
            continue
        for phrase in (*scenario.spec.phrases.options, *scenario.spec.unseen_phrases.options):
            for label in moving if family == "pursuit" else labels:
                asked = read_instruction(phrase.format(target=label, doors="doorways"))
                assert (asked.kind, asked.colour) == name_item(label), phrase


@pytest.mark.parametrize("family", sorted(SCENARIOS))
@pytest.mark.parametrize("unfamiliar", [False, True])
def test_paraphrases_ask_for_the_same(family: str, unfamiliar: bool) -> None:
    for episode in range(8):
        world = SCENARIOS[family].world(2000, episode)
        asked = read_instruction(world.instruction)
        for sentence in paraphrase_instruction(world, unfamiliar):
            assert read_instruction(sentence) == asked, sentence


def test_a_side_is_one_to_pass_something_on() -> None:
    assert read_instruction("reach the target cup via the left flank of the two box obstacles").side == 1
    assert read_instruction("stop right next to the red ball").side is None
    assert read_instruction("stop right next to the boxes").side is None
    assert read_instruction("go to the first room on the left and stop at the red ball") == Asked(
        "ball", "red", Room(1, 0)
    )


def test_who_is_addressed_is_no_target() -> None:
    assert read_instruction("Robot, go to the chair").kind == "chair"
    assert read_instruction("hey robot go to the red ball")[:2] == ("ball", "red")
    assert read_instruction("follow the person")[:2] == ("person", None)
    assert read_instruction("robot, navigate around the boxes by going left to track the target cup").kind == "cup"
    assert read_instruction("follow the red robot").kind == "robot"


def test_rooms_are_read_with_their_side_and_number() -> None:
    assert read_instruction("go to the red ball in the room on the left").room == Room(1, None)
    assert read_instruction("find the red ball in the third room on the right").room == Room(-1, 2)


def test_what_names_nothing_asks_for_nothing() -> None:
    assert read_instruction("") == Asked()
    assert read_instruction("drive to the Zorblax!") == Asked()


def test_a_longer_name_is_not_taken_for_a_shorter_one() -> None:
    assert read_instruction("follow the red ball on a cart").kind == "ball on a cart"
    assert read_instruction("Follow the person in RED, quickly")[:2] == ("person", "red")


def test_labels_of_what_is_not_told_apart_have_no_name() -> None:
    assert name_item("red box") is None
    assert name_item("wall") is None
    assert {name_item(f"{colour} {kind}")[0] for colour in COLOURS for kind in KINDS if kind != "person"} < set(KINDS)
