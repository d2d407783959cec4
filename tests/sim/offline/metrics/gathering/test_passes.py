"""Laws of the further passes over recorded frames."""

from __future__ import annotations

import numpy as np
import pytest
from answering import Answering, constant
from recorded import FakeSet, demonstration

from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering import passes
from sim.offline.metrics.gathering.subject import NotAvailableError, Subject, predict_set


def subject(policy, texts=("left", "left", "right"), retrains=()):
    recording = FakeSet(*(demonstration([[0.5, 0, 0]] * 2, size=32, instruction=text) for text in texts))
    return Subject(policy, recording, tuple(recording.signals(number) for number in range(len(texts))), retrains)


def test_other_words_are_those_of_the_next_episode_that_has_others():
    code = {"left": 0.1, "right": 0.2}
    policy = Answering(lambda batch, texts: [[code[text], 0, 0] for text in texts])
    found = passes.ask_with_other_words(subject(policy), Evidence(0.1, 1, ()))
    assert [each.predictions[0, 0] for each in found] == pytest.approx([0.2, 0.2, 0.1])


def test_without_other_words_there_is_nothing_to_ask():
    with pytest.raises(NotAvailableError, match="all instructions of the data set are equal"):
        passes.ask_with_other_words(subject(constant(0, 0, 0), ["go", "go"]), Evidence(0.1, 1, ()))


def test_a_policy_that_takes_no_frames_is_not_shown_grey_ones():
    blind = Answering(lambda batch, _: np.zeros((len(batch.live), 3)), image_size=None)
    with pytest.raises(NotAvailableError, match="takes no frames"):
        passes.ask_on_grey_frames(subject(blind), Evidence(0.1, 1, ()))


def test_the_ensemble_is_the_policy_and_then_its_retrains():
    asked = subject(constant(0.1, 0, 0), retrains=(constant(0.2, 0, 0), constant(0.6, 0, 0)))
    evidence = Evidence(0.1, 1, predict_set(asked).episodes)
    found = passes.ask_retrains(asked, evidence)
    assert [each.shape for each in found] == [(3, 2, 3)] * 3
    assert found[0][:, 0, 0] == pytest.approx([0.1, 0.2, 0.6])
    with pytest.raises(NotAvailableError, match="--retrains"):
        passes.ask_retrains(subject(constant(0, 0, 0)), evidence)


def test_chunks_must_overlap():
    zeros = np.zeros((10, 4, 3))
    passes.check_chunks(subject(Answering(lambda *_: zeros, chunk=4, replan=2)), Evidence(0.1, 1, ()))
    with pytest.raises(NotAvailableError, match="it executes 4 of 4 actions"):
        passes.check_chunks(subject(Answering(lambda *_: zeros, chunk=4, replan=4)), Evidence(0.1, 1, ()))
