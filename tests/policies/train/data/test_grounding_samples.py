from __future__ import annotations

import hashlib
import re

import numpy as np

from policies.dataset import SeenObject
from policies.train.data.caption_samples import AugmentedSample, augment_sample, select_captioned_frames
from policies.train.data.frame_store import cached_store
from policies.train.data.grounding_samples import (
    PROMPT,
    SHARE_ABSENT,
    SHARE_FIND,
    SHARE_OWN,
    GroundingSample,
    sample_grounding_task,
)
from policies.train.data.windows import Augmentation, ColourJitter
from scenarios.common.splits import TRAIN
from scenarios.registry import SCENARIOS

RED, BLUE = SeenObject("red ball", (0.1, 0.5, 0.3, 0.7)), SeenObject("blue ball", (0.6, 0.5, 0.7, 0.6))
PHRASES = ["blue ball", "green box", "red ball", "yellow ball"]
DRAWS = 4000


def test_a_sample_asks_for_a_thing_by_the_episodes_words(demonstration, tmp_path) -> None:
    stores = [cached_store([demonstration(1)], tmp_path / "store")]
    sample = select_captioned_frames(stores)[0]
    still = Augmentation(0, 0.0, 0.0, 0.0, 0.0)
    rng = np.random.default_rng(0)
    phrases = ["blue ball", "green ball", "red ball", "yellow ball"]
    asked = [sample_grounding_task(augment_sample(stores, sample, still, rng), phrases, 8, rng) for _ in range(60)]
    visible = {seen.phrase for seen in sample.objects}
    finding = [entry for entry in asked if entry.prompt.endswith("<object>")]
    assert 0 < len(finding) < len(asked)
    for entry in finding:
        phrase = next(p for p in phrases if p in entry.prompt)
        assert entry.prompt.endswith(f"drive down the corridor to the {phrase}<object>")
        assert (entry.answer == "</object>") == (phrase not in visible)
        assert {seen.phrase for seen in entry.named} == ({phrase} & visible)
    assert all(entry.named is None for entry in asked if entry not in finding)


def _draw(*objects: SeenObject, instruction: str = "go to the red ball", phrases=PHRASES) -> list[GroundingSample]:
    jitter = ColourJitter(np.ones(3, np.float32), np.zeros(3, np.float32))
    frame, action = np.zeros((1, 3, 4, 4), np.uint8), np.zeros(3, np.float32)
    picture, rng = AugmentedSample(frame, jitter, objects, instruction, action), np.random.default_rng(0)
    return [sample_grounding_task(picture, phrases, 8, rng) for _ in range(DRAWS)]


def _share(part: list[GroundingSample], whole: list[GroundingSample]) -> float:
    return len(part) / len(whole)


def test_every_kind_of_sample_has_its_share() -> None:
    drawn = _draw(RED, BLUE)
    find = [entry for entry in drawn if entry.prompt != PROMPT]
    others = [entry for entry in find if not entry.own]
    absent = [entry for entry in others if entry.named == ()]
    assert abs(_share(find, drawn) - SHARE_FIND) < 0.03
    assert abs(1.0 - _share(others, find) - SHARE_OWN) < 0.03
    assert abs(_share(absent, others) - SHARE_ABSENT) < 0.03
    half_true = [entry for entry in absent if "yellow ball" in entry.prompt]
    assert _share(half_true, absent) > 0.8  # shares a word with what is seen; 0.5 if drawn evenly


def test_where_everything_is_visible_nothing_absent_is_asked_for() -> None:
    assert all(entry.named != () for entry in _draw(RED, BLUE, phrases=["blue ball", "red ball"]))


def test_an_instruction_that_names_nothing_known_is_replaced() -> None:
    drawn = [entry for entry in _draw(RED, instruction="go on") if entry.prompt != PROMPT]
    own = [entry for entry in drawn if entry.own]
    assert {(entry.prompt, entry.answer, entry.named) for entry in own} == {(f"{PROMPT}go on<object>", "", None)}
    assert all(entry.prompt.startswith(f"{PROMPT}go to the ") for entry in drawn if not entry.own)


def test_equal_seeds_draw_as_they_always_have() -> None:
    text = "".join(entry.prompt + entry.answer for entry in _draw(RED, BLUE))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "9c46c7c51050d3ab"


def test_no_text_of_pretraining_follows_a_phrase_that_is_held_out() -> None:
    held_out = [
        re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(phrase)), re.IGNORECASE)
        for scenario in SCENARIOS.values()
        for phrase in scenario.spec.unseen_phrases.options
    ]
    assert any(each.search("search out the red ball and come to rest there") for each in held_out)
    for scenario in SCENARIOS.values():
        for number in range(4):
            instruction = scenario.world(TRAIN.start, number).instruction
            texts = {entry.prompt + entry.answer for entry in _draw(RED, BLUE, instruction=instruction)[:200]}
            assert not [text for text in texts for each in held_out if each.search(text)]
