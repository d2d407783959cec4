"""Laws of phrases: what is held out says the same in other words, and changes nothing else about a world."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from string import Formatter

import numpy as np
import pytest

from scenarios.common.splits import TRAIN, VALIDATION
from scenarios.objects.colours import COLOURS
from scenarios.objects.targets import TARGET_SHAPES
from scenarios.perturbations.paraphrases import FAMILIAR_WRAPPERS, TASK_TEMPLATES, UNFAMILIAR_WRAPPERS
from scenarios.phrases import FixedPhrase, choose_phrase
from scenarios.ranges import Choice
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from scenarios.world import World

families = pytest.mark.parametrize("family", SCENARIOS)
MOST_SHARED = 0.6  # of the words of two phrases


def words_of(phrase: str) -> frozenset[str]:
    """The words of a phrase without its placeholders, in lower case."""
    return frozenset(re.findall(r"[a-z']+", re.sub(r"{\w+}", " ", phrase.lower())))


def template_of(phrase: str) -> str:
    """A phrase without capitals, punctuation and the names of its placeholders."""
    return " ".join(re.findall(r"[a-z']+|{", re.sub(r"{\w+}", "{", phrase.lower())))


def with_phrases(scenario: Scenario, unseen: Choice[str]) -> Scenario:
    return replace(scenario, spec=replace(scenario.spec, unseen_phrases=unseen))


@families
def test_a_family_holds_out_four_phrases_or_more_with_the_information_of_its_own(family: str) -> None:
    spec = SCENARIOS[family].spec
    assert len(set(spec.unseen_phrases.options)) == len(spec.unseen_phrases.options) >= 4
    places = [Counter(name for _, name, _, _ in Formatter().parse(phrase) if name) for phrase in spec.phrases.options]
    for phrase in spec.unseen_phrases.options:
        assert Counter(name for _, name, _, _ in Formatter().parse(phrase) if name) == places[0], phrase
    cup = {"cup"} if family == "box-detour" else set()  # the published task names its target so
    assert all(("target cup" in phrase) == bool(cup) for phrase in spec.unseen_phrases.options)
    telling = {"left", "right", "first", "second", *COLOURS, *TARGET_SHAPES} - cup
    assert not telling & frozenset().union(*map(words_of, spec.unseen_phrases.options))


def test_no_phrase_that_is_held_out_stands_in_training_or_among_the_paraphrases() -> None:
    told = [phrase for scenario in SCENARIOS.values() for phrase in scenario.spec.phrases.options]
    told += [text for kind in TASK_TEMPLATES for text in (*kind.familiar, *kind.unfamiliar)]
    held_out = [phrase for scenario in SCENARIOS.values() for phrase in scenario.spec.unseen_phrases.options]
    assert not set(map(template_of, held_out)) & set(map(template_of, told))
    wrapped = {template_of(frame.replace("instruction", "x")) for frame in (*FAMILIAR_WRAPPERS, *UNFAMILIAR_WRAPPERS)}
    assert not {template_of(phrase) for phrase in held_out} & wrapped


@families
def test_a_phrase_that_is_held_out_is_of_other_words_than_each_of_training(family: str) -> None:
    spec = SCENARIOS[family].spec
    for phrase in spec.unseen_phrases.options:
        for own in (*spec.phrases.options, *SCENARIOS["rooms"].spec.phrases.options):
            shared = len(words_of(phrase) & words_of(own)) / len(words_of(phrase) | words_of(own))
            assert shared < MOST_SHARED, (phrase, own)


@families
@pytest.mark.parametrize("suite_seed", [0, 9001, TRAIN.start, VALIDATION.start])
def test_only_the_instructions_of_test_suites_change_and_nothing_else(family: str, suite_seed: int) -> None:
    scenario = SCENARIOS[family]
    plain = with_phrases(scenario, Choice(()))
    for episode in range(6):
        world, before = scenario.world(suite_seed, episode), plain.world(suite_seed, episode)
        assert before.phrase is None
        assert replace(world, instruction=before.instruction, phrase=None) == before
        assert (world.instruction == before.instruction) == (world.phrase == "seen")
        assert world.task.goal.description in world.instruction or "target cup" in world.instruction
        assert scenario.phrase_kind(suite_seed, episode) == world.phrase
    in_test = suite_seed not in TRAIN and suite_seed not in VALIDATION
    assert {scenario.phrase_kind(suite_seed, number) for number in range(40)} == (
        {"seen", "unseen"} if in_test else {"seen"}
    )


def test_one_of_two_consecutive_test_episodes_is_told_in_an_unseen_phrase_each_as_often() -> None:
    spec = SCENARIOS["corridor"].spec
    choices = [choose_phrase(spec, 9000, "corridor", number) for number in range(4000)]
    kinds = [(one.kind, other.kind) for one, other in zip(choices[::2], choices[1::2], strict=True)]
    assert set(kinds) == {("seen", "unseen"), ("unseen", "seen")}
    assert 900 < kinds.count(("seen", "unseen")) < 1100
    counts = Counter(choice.unseen for choice in choices)
    assert counts.keys() == {None, *spec.unseen_phrases.options}
    assert all(330 < counts[phrase] < 470 for phrase in spec.unseen_phrases.options)


def test_other_suites_and_scenarios_have_other_choices() -> None:
    spec = SCENARIOS["corridor"].spec
    suites = [(9000, "corridor"), (9001, "corridor"), (9000, "rooms")]
    assert len({tuple(choose_phrase(spec, *suite, number) for number in range(40)) for suite in suites}) == 3


def test_a_fixed_phrase_takes_the_random_numbers_of_its_options() -> None:
    for count in (1, 3, 5):
        options = tuple("abcde"[:count])
        first, second = np.random.default_rng(3), np.random.default_rng(3)
        Choice(options).draw(first)
        assert FixedPhrase(options, "z").draw(second) == "z"
        assert first.random() == second.random()


@dataclass(frozen=True)
class OwnSpec:
    """The ranges of a user's family, which has no phrases."""

    length: float = 3.0


def test_a_family_without_phrases_of_its_own_is_built_as_it_is() -> None:
    base = SCENARIOS["corridor"].world(0, 0)

    def build(spec: OwnSpec, rng: np.random.Generator) -> World:
        return replace(base, instruction=f"go {spec.length:g} m", phrase=None)

    own = Scenario("own", "goes on", OwnSpec(), build)
    assert [own.world(0, number).instruction for number in range(8)] == ["go 3 m"] * 8
    assert {own.phrase_kind(0, number) for number in range(8)} == {own.world(0, 0).phrase} == {None}
