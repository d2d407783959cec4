from __future__ import annotations

import pytest
import torch

from policies.modules.heads.robovlms_head import RoboVLMsHead

WINDOW = 4


def _head() -> RoboVLMsHead:
    return RoboVLMsHead(6, width=8, hidden=(8,), axes=3, window=WINDOW)


def test_it_is_four_layers_deep_and_predicts_ten_actions_unless_told() -> None:
    head = _head()
    assert head.memory.num_layers == 4
    assert head(torch.randn(2, 5, 6), head.initial_state(2)).actions.shape == (2, 5, 10, 3)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    head, features = _head(), torch.randn(1, 9, 6)
    changed = features.clone()
    changed[:, 2] += 5.0
    before, after = (head(each, head.initial_state(1)).actions[0] for each in (features, changed))
    for t in range(9):
        assert torch.equal(before[t], after[t]) == (not 2 <= t < 2 + WINDOW)


@pytest.mark.parametrize("t", [0, 1, WINDOW - 1, WINDOW, 8])
def test_each_answer_is_recomputed_from_its_window_with_an_empty_memory(t: int) -> None:
    head, features = _head(), torch.randn(2, 9, 6)
    remembered, _ = head.memory(features[:, max(0, t - WINDOW + 1) : t + 1])
    expected = head.action(remembered[:, -1])
    assert torch.allclose(head(features, head.initial_state(2)).actions[:, t], expected, atol=1e-6)


def test_samples_that_have_seen_unequally_many_frames_go_together() -> None:
    head, frame = _head(), torch.randn(2, 1, 6)
    old = head(torch.randn(1, 7, 6), head.initial_state(1)).state
    together = head(frame, torch.cat([old, head.initial_state(1)])).actions
    assert torch.allclose(together[:1], head(frame[:1], old).actions, atol=1e-6)
    assert torch.allclose(together[1:], head(frame[1:], head.initial_state(1)).actions, atol=1e-6)
