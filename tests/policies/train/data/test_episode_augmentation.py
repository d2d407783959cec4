from __future__ import annotations

import numpy as np
import pytest

from policies.train.data import episode_augmentation
from policies.train.data.episode_augmentation import PUBLISHED, RIGHT, AugmentedEpisode, augment_episode
from scenarios.common.errors import InputError

TEXT = "go left of the box, not right"
ACTIONS = np.array([[0.5, 0.1, 0.2], [0.6, -0.2, 0.3], [0.7, 0.3, -0.4]], np.float32)


@pytest.fixture
def only(monkeypatch):
    """Augments with nothing but one of the changes, which then always happens."""

    def augmented(change: str, way: str, seed: int = 0) -> AugmentedEpisode:
        for name in ("FLIP", "BACKWARDS", "NOISE", "SPEED"):
            monkeypatch.setattr(episode_augmentation, name, 1.0 if name == change else 0.0)
        return augment_episode(ACTIONS, TEXT, way, np.random.default_rng(seed))

    return augmented


def test_a_flip_done_right_mirrors_frames_sideways_motion_turns_and_words(only) -> None:
    found = only("FLIP", RIGHT)
    assert found.mirrored
    assert np.allclose(found.actions, ACTIONS * [1, -1, -1])
    assert found.instruction == "go right of the box, not left"
    assert list(found.order) == [0, 1, 2]


def test_a_published_flip_leaves_turns_and_words_as_they_were(only) -> None:
    found = only("FLIP", PUBLISHED)
    assert found.mirrored
    assert np.allclose(found.actions, ACTIONS * [1, -1, 1])
    assert found.instruction == TEXT


def test_a_drive_played_backwards_undoes_each_step_and_ends_where_it_began(only) -> None:
    found = only("BACKWARDS", RIGHT)
    assert list(found.order) == [2, 1, 0]
    assert np.allclose(found.actions, [-ACTIONS[1], -ACTIONS[0], [0, 0, 0]])
    assert not found.mirrored


def test_as_published_only_vx_turns_round_and_each_action_stays_with_its_frame(only) -> None:
    found = only("BACKWARDS", PUBLISHED)
    assert list(found.order) == [2, 1, 0]
    assert np.allclose(found.actions, ACTIONS[::-1] * [-1, 1, 1])


def test_speed_done_right_keeps_the_direction(only) -> None:
    scales = [only("SPEED", RIGHT, seed).actions / ACTIONS for seed in range(20)]
    assert all(np.allclose(scale, scale[0, 0]) for scale in scales)
    assert 0.8 <= min(s.min() for s in scales) < 0.9 < 1.1 < max(s.max() for s in scales) <= 1.2 + 1e-6
    assert np.allclose(only("SPEED", PUBLISHED).actions[:, 1:], ACTIONS[:, 1:])


def test_noise_is_small_and_new_for_each_frame(only) -> None:
    noise = np.concatenate([only("NOISE", RIGHT, seed).actions - ACTIONS for seed in range(300)])
    assert noise.std(axis=0) == pytest.approx([0.005, 0.0025, 0.0], rel=0.1)


def test_changes_happen_as_often_as_stated_and_actions_stay_in_range() -> None:
    drawn = [augment_episode(ACTIONS * 1.4, TEXT, RIGHT, np.random.default_rng(i)) for i in range(600)]
    assert np.mean([e.mirrored for e in drawn]) == pytest.approx(0.5, abs=0.07)
    assert np.mean([e.order[0] == 2 for e in drawn]) == pytest.approx(0.3, abs=0.07)
    assert max(np.abs(e.actions).max() for e in drawn) <= 1.0


def test_an_unknown_way_is_bad_input() -> None:
    with pytest.raises(InputError, match="unknown augmentation 'wrong': known are published, right"):
        augment_episode(ACTIONS, TEXT, "wrong", np.random.default_rng(0))
