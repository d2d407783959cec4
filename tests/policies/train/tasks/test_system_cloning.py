from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.systems.network import System, build_system
from policies.systems.table import SYSTEMS
from policies.train.data.feature_cache import PER_EPISODE, FeatureSet
from policies.train.data.frame_store import EpisodeFrames
from policies.train.tasks.system_cloning import (
    HUBER_BETA,
    WARMUP_FRAMES,
    WARMUP_WEIGHT,
    WINDOW,
    FeatureTask,
    SystemBatch,
)

LENGTHS = (WINDOW + 10, 3, 7)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def make_task(backbones):
    """Make the task of a row on random features of three episodes; each action tells its own frame."""
    tokens = {"clip_tokens": backbones.patches["clip"] + 1, "kosmos2_tokens": backbones.patches["kosmos2"] + 1}

    def make(name: str, frames_per_batch: int = 2 * WINDOW, *, validated: bool = True) -> FeatureTask:
        torch.set_num_threads(1)
        system, rng = build_system(SYSTEMS[name], backbones, seed=3).eval(), np.random.default_rng(0)
        starts = np.cumsum([0, *LENGTHS])
        features = {
            feature: rng.normal(
                size=(
                    len(LENGTHS) if feature in PER_EPISODE else starts[-1],
                    *((tokens[feature],) if feature in tokens else ()),
                    backbones.widths[feature],
                )
            ).astype(np.float16)
            for feature in system.features
        }
        actions = np.stack([np.linspace(-1.0, 1.0, starts[-1])] * 3, axis=1).astype(np.float32)
        episodes = tuple(EpisodeFrames(int(s), n, "go", None, ()) for s, n in zip(starts[:-1], LENGTHS, strict=True))
        data = FeatureSet(features, actions, episodes)
        return FeatureTask(system, [data], [data] if validated else [], frames_per_batch, CPU)

    return make


def _batches(task: FeatureTask, seed: int = 0) -> list[SystemBatch]:
    return list(task.batches(np.random.default_rng(seed)))


@pytest.mark.parametrize("name", ["simple-lstm", "mobile-vla"])
def test_an_epoch_has_as_many_batches_as_it_says(name, make_task) -> None:
    for frames_per_batch in (1, WINDOW, 2 * WINDOW, 1000):
        task = make_task(name, frames_per_batch)
        batches = _batches(task)
        assert len(batches) == task.steps
        assert all(task.frames(batch) == batch.targets.shape[0] * batch.targets.shape[1] for batch in batches)


def test_a_system_without_memory_learns_every_frame_once(make_task) -> None:
    task = make_task("mobile-vla")
    first = torch.cat([batch.targets[:, 0, 0, 0] for batch in _batches(task)])
    assert sorted(first.tolist()) == sorted(task.train[0].actions[:, 0].tolist())


def test_a_chunk_has_the_coming_actions_and_weighs_nothing_beyond_the_episode(make_task) -> None:
    task, rows = make_task("mobile-vla"), {}
    actions = task.train[0].actions[:, 0].tolist()
    ends = set(np.cumsum(LENGTHS) - 1)
    for batch in _batches(task):
        for targets, weights in zip(batch.targets[:, 0, :, 0].tolist(), batch.weights[:, 0].tolist(), strict=True):
            row = actions.index(targets[0])
            rows[row] = weights
            assert weights == ([1.0, 0.0] if row in ends else [1.0, 1.0])
            assert targets[1] == actions[row if row in ends else row + 1]
    assert len(rows) == len(actions)


def test_the_first_frames_of_a_window_weigh_less_unless_they_begin_an_episode(make_task) -> None:
    task, later = make_task("simple-lstm"), 0
    begins = {task.train[0].actions[episode.start, 0].item() for episode in task.train[0].episodes}
    for batch in _batches(task):
        for targets, weights in zip(batch.targets[:, :, 0, 0], batch.weights[..., 0], strict=True):
            begins_episode = targets[0].item() in begins
            later += not begins_episode
            expected = 1.0 if begins_episode else pytest.approx(WARMUP_WEIGHT)
            assert weights[:WARMUP_FRAMES].max() == expected
            assert set(weights[WARMUP_FRAMES:].tolist()) <= {0.0, 1.0}
    assert later


def test_a_feature_that_is_constant_in_an_episode_is_that_of_the_windows_own_episode(make_task) -> None:
    task = make_task("clip-lstm")
    number = task.system.features.index("clip_text")
    part = task.train[0]
    for batch in _batches(task):
        for text, targets in zip(batch.inputs[number], batch.targets[:, 0, 0, 0], strict=True):
            row = part.actions[:, 0].tolist().index(targets.item())
            owner = next(i for i, e in enumerate(part.episodes) if e.start <= row < e.start + e.length)
            expected = torch.from_numpy(part.features["clip_text"][owner]).float()
            assert all(torch.equal(frame, expected) for frame in text)


@pytest.mark.parametrize("name", ["mobile-vla", "simple-lstm"])
@pytest.mark.parametrize("error", [0.0, 0.05, -0.09, 0.3, -1.0])
def test_the_loss_of_a_constant_error_is_that_of_the_rows_function(name, error, make_task) -> None:
    task = make_task(name)
    batch = _batches(task)[0]
    with torch.no_grad():
        predicted = task.predict_actions(batch.inputs)
        targets = torch.zeros(*predicted.shape[:3], 3)
        targets[..., : predicted.shape[-1]] = predicted - error
        found = task.loss(batch._replace(targets=targets)).item()
    huber = 0.5 * error**2 / HUBER_BETA if abs(error) < HUBER_BETA else abs(error) - 0.5 * HUBER_BETA
    assert found == pytest.approx(huber if task.system.row.loss == "huber" else error**2, rel=1e-4, abs=1e-6)


def test_targets_of_no_weight_do_not_change_the_loss(make_task) -> None:
    task = make_task("mobile-vla")
    batch = next(batch for batch in _batches(task) if (batch.weights == 0).any())
    spoilt = batch._replace(targets=torch.where(batch.weights[..., None] == 0, 99.0, batch.targets))
    assert not torch.equal(spoilt.targets, batch.targets)
    with torch.no_grad():
        assert task.loss(spoilt) == task.loss(batch)


def test_the_validation_error_is_that_of_first_actions_and_an_axis_that_is_not_predicted_counts_as_0(make_task) -> None:
    task = make_task("optimized-2d")  # 18 actions at a time, no yaw
    system, part, errors = task.system, task.validation[0], []
    with torch.inference_mode():
        for episode in part.episodes:
            rows = slice(episode.start, episode.start + episode.length)
            features = {name: torch.from_numpy(part.features[name][rows])[None].float() for name in system.features}
            actions = system(features, system.initial_state(1)).actions[0, :, 0]  # (t, 2)
            whole = np.concatenate([actions.numpy(), np.zeros((episode.length, 1))], axis=1)
            errors.append(np.abs(whole - part.actions[rows]))
    assert task.validate() == pytest.approx(np.concatenate(errors).mean(axis=0).tolist(), rel=1e-4)


def test_without_validation_episodes_there_is_no_error(make_task) -> None:
    assert make_task("mobile-vla", validated=False).validate() == []


def test_a_saved_system_predicts_what_the_task_does(make_task, tmp_path) -> None:
    task = make_task("simple-lstm")
    task.save(tmp_path)
    (batch, *_), saved = _batches(task), System.from_pretrained(tmp_path)
    features = dict(zip(saved.features, batch.inputs, strict=True))
    with torch.no_grad():
        expected = saved(features, saved.initial_state(len(batch.targets))).actions
        assert torch.allclose(task.predict_actions(batch.inputs), expected, atol=5e-3)
