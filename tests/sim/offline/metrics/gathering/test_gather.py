"""Laws of gathering evidence."""

from __future__ import annotations

import numpy as np
from answering import Answering, constant
from recorded import FakeSet, demonstration

from policies.dataset import SceneRef
from sim.offline.metrics.gathering.gather import gather_evidence, list_needs
from sim.offline.metrics.gathering.subject import Subject

RECORDING = FakeSet(*(demonstration([[0.5, 0, 0]] * 2, size=32, instruction=text) for text in ("left", "right")))


def test_a_scenario_that_nobody_knows_is_a_sentence():
    odd = FakeSet(demonstration([[0, 0, 0]], size=32, scene=SceneRef("corrido", 1, 2)))
    found = gather_evidence(Subject(constant(0, 0, 0), odd, (odd.signals(0),)), {"scenes"})
    assert found.missing["scenes"].startswith("unknown scenario 'corrido': did you mean 'corridor'?")


def subject(policy):
    return Subject(policy, RECORDING, tuple(RECORDING.signals(number) for number in range(2)))


def test_what_must_be_there_before_is_gathered_first():
    assert list_needs({"other words"}) == ("labels", "other words")


def test_each_part_has_its_own_cost():
    found = gather_evidence(subject(constant(0, 0, 0)), {"labels", "other words", "blank frames"})
    assert {need: cost.frames for need, cost in found.costs.items()} == {
        "labels": 4,
        "blank frames": 4,
        "other words": 4,
    }
    assert not found.missing
    assert not found.evidence.ensemble


def test_a_part_that_fails_says_why_and_takes_down_only_what_needs_it():
    def fail(batch, texts):
        if texts[0] == "right":
            raise ValueError("no such word")
        return np.zeros((len(texts), 3))

    found = gather_evidence(subject(Answering(fail)), {"labels", "other words"})
    assert "no such word" in found.missing["other words"]
    assert len(found.evidence.episodes) == 2
    broken = gather_evidence(subject(Answering(lambda *_: 1 / 0)), {"other words"})
    assert "division by zero" in broken.missing["labels"]
    assert broken.missing["other words"] == broken.missing["labels"]
