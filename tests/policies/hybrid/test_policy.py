from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.hybrid.policy import HybridPolicy
from policies.policy import ObservationBatch

INSTRUCTIONS = ["drive to the red ball", "go to the blue cone", "find the green barrel", "head for the red cone"]


def _frames(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 224, 224, 3)).astype(np.uint8)


def _batch(pixels: np.ndarray) -> ObservationBatch:
    return ObservationBatch(pixels, np.zeros((len(pixels), 6), np.float32), np.ones(len(pixels), bool))


def _policy(hybrid, n: int = 4) -> HybridPolicy:
    policy = HybridPolicy(hybrid, "test")
    policy.reset(range(n), INSTRUCTIONS[:n])
    return policy


def test_actions_are_float32_in_range_one_row_per_slot(hybrid) -> None:
    actions = _policy(hybrid).act(_batch(_frames(0, 4)))
    assert actions.shape == (4, 3)
    assert actions.dtype == np.float32
    assert np.abs(actions).max() <= 1.0


def test_a_slot_depends_on_its_own_frames_and_words_alone(hybrid) -> None:
    one, other = _policy(hybrid), _policy(hybrid)
    other.reset([0, 2, 3], ["find the yellow ball"] * 3)
    for step in range(3):
        frames = _frames(step, 4)
        changed = frames.copy()
        changed[[0, 2, 3]] = _frames(100 + step, 3)
        assert np.array_equal(one.act(_batch(frames))[1], other.act(_batch(changed))[1])


def test_resetting_a_slot_makes_it_forget_and_leaves_the_others(hybrid) -> None:
    policy, fresh, kept = _policy(hybrid), _policy(hybrid), _policy(hybrid)
    for step in range(3):
        policy.act(_batch(_frames(step, 4)))
        kept.act(_batch(_frames(step, 4)))
    policy.reset([2], [INSTRUCTIONS[2]])
    frames = _batch(_frames(9, 4))
    answer, undisturbed = policy.act(frames), kept.act(frames)
    assert np.array_equal(answer[2], fresh.act(frames)[2])
    assert np.array_equal(answer[[0, 1, 3]], undisturbed[[0, 1, 3]])
    assert not np.array_equal(answer[2], undisturbed[2])


def test_memory_matters(hybrid) -> None:
    policy, fresh = _policy(hybrid), _policy(hybrid)
    policy.act(_batch(_frames(0, 4)))
    assert not np.array_equal(policy.act(_batch(_frames(1, 4))), fresh.act(_batch(_frames(1, 4))))


def test_the_instruction_matters(hybrid) -> None:
    frames = np.repeat(_frames(0, 1), 4, axis=0)
    assert len(np.unique(_policy(hybrid).act(_batch(frames)), axis=0)) == 4


def test_a_slot_gone_bad_spoils_no_other_and_is_mended_by_reset(hybrid) -> None:
    policy, sound = _policy(hybrid), _policy(hybrid)
    with torch.inference_mode():
        policy._states.state[:, 1] = float("nan")
    answer = policy.act(_batch(_frames(0, 4)))
    assert np.isnan(answer[1]).all()
    assert np.isfinite(answer[[0, 2, 3]]).all()
    policy.reset([1], [INSTRUCTIONS[1]])
    assert np.array_equal(policy.act(_batch(_frames(1, 4)))[1], sound.act(_batch(_frames(1, 4)))[1])


def test_unknown_words_are_no_error(hybrid) -> None:
    policy = _policy(hybrid)
    policy.reset([0], ["Fahre, bitte: zum roten Ball!"])
    assert np.isfinite(policy.act(_batch(_frames(0, 4)))).all()


def test_a_batch_without_frames_is_refused(hybrid) -> None:
    with pytest.raises(ValueError, match="needs 'pixels'"):
        _policy(hybrid).act(ObservationBatch(None, np.zeros((4, 6), np.float32), np.ones(4, bool)))
