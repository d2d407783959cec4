"""Laws of a pass over a data set."""

from __future__ import annotations

import numpy as np
from answering import Answering, constant
from recorded import FakeSet, demonstration

from sim.offline.metrics.gathering.subject import Subject, predict_set

TEXTS = [f"go to {number}" for number in range(12)]
RECORDING = FakeSet(
    *(demonstration([[0.5, 0, 0]] * (2 + number % 2), size=32, instruction=text) for number, text in enumerate(TEXTS))
)


def subject(policy, recording=RECORDING):
    return Subject(policy, recording, tuple(recording.signals(number) for number in range(len(recording))))


def test_a_pass_predicts_every_frame_of_every_episode_and_counts_them():
    found = subject(constant(0.2, 0, 0))
    predicted = predict_set(found)
    assert [len(each.predictions) for each in predicted.episodes] == [2, 3] * 6
    assert all(np.allclose(each.errors[:, 0], -0.3) for each in predicted.episodes)
    assert [len(each.sound) for each in predicted.calls] == [2, 3] * 6
    assert found.meter.frames == 30


def test_episodes_can_be_told_something_else():
    told = Answering(lambda batch, texts: [[float(text == "stop"), 0, 0] for text in texts])
    predicted = predict_set(subject(told), reword=lambda number: "stop" if number == 11 else "go")
    assert [each.predictions[0, 0] for each in predicted.episodes] == [0.0] * 11 + [1.0]


def test_axes_that_are_not_recorded_are_left_out():
    recording = FakeSet(demonstration([[0.5, 0, 0.1]] * 2, size=32), axes=("vx", "wz"))
    (episode,) = predict_set(subject(constant(0.1, 0.9, 0.3), recording)).episodes
    assert np.allclose(episode.predictions, [[0.1, 0.3]] * 2)
