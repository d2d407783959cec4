"""Laws of the data set checks."""

from __future__ import annotations

import numpy as np
import pytest
from recorded import FakeSet, demonstration, published_labels

from policies.dataset import SceneRef
from sim.offline.dataset_checks import (
    ALARM,
    CHECKS,
    NOTE,
    ScoredEpisodes,
    TrainingSet,
    list_skipped_checks,
    run_dataset_checks,
)

MOVING = [[0.5, 0.1, 0.2], [0.6, 0.3, 0.1], [0.4, -0.2, -0.1]]


def looked_at(*episodes, training=None):
    evidence = ScoredEpisodes(training)
    for episode in episodes:
        evidence.add(episode, episode.pixels)
    return {leak.name: leak for leak in run_dataset_checks(evidence)}


def told(*instructions, actions=MOVING):
    return looked_at(*[demonstration(actions, instruction=text, size=2) for text in instructions])


def test_shared_frames_are_found_pixel_for_pixel():
    trained = FakeSet(demonstration(MOVING[:2], size=4, marks=1, scene=None))
    scored = demonstration(MOVING, size=4, marks=1, scene=None), demonstration(MOVING, size=4, marks=2, scene=None)
    found = looked_at(*scored, training=TrainingSet.from_recordings([trained]))["shared frames"]
    assert (found.level, found.figure) == (ALARM, pytest.approx(2 / 6))
    assert "shared frames" not in looked_at(scored[1], training=TrainingSet.from_recordings([trained]))


def test_frames_of_another_size_with_the_same_bytes_are_other_frames():
    wide, tall = demonstration(MOVING[:1], size=4, scene=None), demonstration(MOVING[:1], size=4, scene=None)
    reshaped = wide.pixels.reshape(1, 2, 8, 3)
    training = TrainingSet.from_recordings([FakeSet(type(wide)(**{**vars(wide), "pixels": reshaped}))])
    assert "shared frames" not in looked_at(tall, training=training)


def test_a_scene_of_the_training_data_is_found_whatever_its_pixels():
    trained = TrainingSet.from_recordings([FakeSet(demonstration(MOVING, marks=7, size=4))])
    other = demonstration(MOVING, scene=SceneRef("corridor", 9000, 1), size=4)
    found = looked_at(demonstration(MOVING, size=4), other, training=trained)["shared scenes"]
    assert (found.level, found.figure) == (ALARM, 0.5)


def test_checks_that_need_the_training_data_are_skipped_without_it():
    assert set(list_skipped_checks(ScoredEpisodes())) == {"shared frames", "shared scenes"} <= set(CHECKS)
    assert list_skipped_checks(ScoredEpisodes(TrainingSet(frozenset(), frozenset()))) == []


def test_one_instruction_for_all_episodes_is_an_alarm_unless_there_is_only_one():
    assert told("go", "go")["constant text"].level == ALARM
    assert "constant text" not in told("go")
    assert "constant text" not in told("go left", "go right")


@pytest.mark.parametrize(
    "text",
    [
        "episode_0007_1box_vert_left.h5",
        "drive as in episode 12",
        "20250815_112233 go left",
        "go around 2box_hori_right",
        "replay demo-3",
    ],
)
def test_text_like_a_file_name_or_an_episode_number_is_a_leak(text):
    assert told("go left", text)["leaking text"].figure == 0.5


def test_a_unique_word_in_every_instruction_is_a_leak():
    assert told(*[f"go left {code}" for code in ("a9", "k3", "z7", "p1")])["leaking text"].level == ALARM


@pytest.mark.parametrize(
    "texts",
    [
        ["go to the red cone", "go to the blue cone", "find the red ball", "find the blue ball"],
        ["Navigate around the two box obstacles by going left to track the target cup", "go right at door 2"] * 2,
        ["go to the red cone", "go to the blue cone"],
    ],
    ids=["unique sentences of shared words", "published", "too few"],
)
def test_ordinary_instructions_are_not_a_leak(texts):
    assert "leaking text" not in told(*texts)


def test_all_zero_labels_are_an_alarm_and_some_a_note():
    still = told("go", actions=np.zeros((3, 3)))["zero labels"]
    assert (still.level, still.figure) == (ALARM, 1.0)
    some = told("go", actions=[*MOVING, [0, 0, 0]])["zero labels"]
    assert (some.level, some.figure) == (NOTE, 0.25)
    assert "zero labels" not in told("go", actions=MOVING)


def test_a_set_of_first_frames_is_an_alarm():
    firsts = looked_at(*[demonstration([[0, 0, 0]], size=2)] * 5)["first frames"]
    assert (firsts.level, firsts.figure) == (ALARM, 1.0)


def test_labels_that_repeat_are_counted_within_episodes():
    repeated = looked_at(demonstration([[1, 0, 0]] * 3, size=2), demonstration([[1, 0, 0], [0, 1, 0]], size=2))
    assert repeated["previous labels"].figure == pytest.approx(2 / 3)


def test_published_labels_cause_notes_but_no_alarms():
    texts = ["go left", "go right"] * 36
    found = looked_at(
        *[
            demonstration(labels, instruction=text, size=1)
            for labels, text in zip(published_labels(), texts, strict=True)
        ]
    )
    assert {leak.level for leak in found.values()} == {NOTE}
    assert found["first frames"].figure == pytest.approx(1 / 18)
    assert "72 of these 72" in found["first frames"].sentence
    assert "wz" in found["dead axes"].sentence


def test_labels_in_another_unit_are_an_alarm():
    assert told("go", actions=[[1.15, 0, 0], [0, 0.1, 0.2]])["label range"].level == ALARM
    assert "label range" not in told("go", actions=[[1.0, -1.0, 0], [0, 0.1, 0.2]])


def test_alarms_come_first():
    evidence = ScoredEpisodes()
    for _ in range(2):
        evidence.add(demonstration([[0, 0, 0], [1, 0, 0]], size=2))
    levels = [leak.level for leak in run_dataset_checks(evidence)]
    assert levels == sorted(levels)
    assert set(levels) == {ALARM, NOTE}
