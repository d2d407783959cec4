from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.blind.network import build_blind_network
from policies.train.data.frame_store import EpisodeFrames, FrameStore
from policies.train.tasks import blind_cloning
from policies.train.tasks.blind_cloning import WINDOW, BlindTask

LENGTHS = (WINDOW + 9, 5)


@pytest.fixture
def store() -> FrameStore:
    """Two episodes whose odometry and actions tell their own step."""
    count = sum(LENGTHS)
    steps = np.arange(count, dtype=np.float32)
    starts = (0, LENGTHS[0])
    episodes = tuple(
        EpisodeFrames(start, length, "pass on the left", None, ())
        for start, length in zip(starts, LENGTHS, strict=True)
    )
    agent_pos = np.tile(steps[:, None], 6)
    return FrameStore(np.zeros((count, 1, 1, 3), np.uint8), agent_pos, agent_pos[:, :3] / count, episodes)


@pytest.fixture
def task(store) -> BlindTask:
    return BlindTask(build_blind_network(("left", "right"), 0), [store], [store], torch.device("cpu"))


def test_windows_cover_the_episodes_and_nothing_beyond_their_ends(task) -> None:
    (batch,) = task.batches(np.random.default_rng(0))
    assert task.steps == 1
    assert batch.odometry.shape == (3, WINDOW, 6)
    assert sorted(batch.weights.sum(dim=1).tolist()) == [5.0, WINDOW, WINDOW]


@pytest.mark.parametrize(("share", "words", "sign"), [(0.0, [1.0, 0.0], 1.0), (1.0, [0.0, 1.0], -1.0)])
def test_a_mirrored_window_swaps_the_words_and_the_signs_of_what_points_sideways(
    task, share, words, sign, monkeypatch
) -> None:
    monkeypatch.setattr(blind_cloning, "MIRROR_PROBABILITY", share)
    (batch,) = task.batches(np.random.default_rng(0))
    assert batch.words[0].tolist() == words
    assert torch.equal(batch.odometry[..., 4], sign * batch.odometry[..., 3])
    assert torch.equal(batch.actions[..., 1], sign * batch.actions[..., 0])


def test_steps_beyond_the_end_cost_nothing(task) -> None:
    (batch,) = task.batches(np.random.default_rng(0))
    changed = batch._replace(actions=batch.actions + 9.0 * (batch.weights == 0.0)[..., None])
    assert torch.equal(task.loss(batch), task.loss(changed))
    assert task.loss(batch._replace(actions=batch.actions + 1.0)) > task.loss(batch)


def test_the_error_is_of_each_axis_over_whole_episodes(task) -> None:
    assert len(task.validate()) == 3
    assert BlindTask(task._network, [], [], torch.device("cpu")).validate() == []
