from __future__ import annotations

import torch

from policies.modules.heads.lstm_head import LSTMHead


def _head() -> LSTMHead:
    return LSTMHead(6, width=8, layers=3, hidden=(8,), axes=3)


def test_the_first_frame_is_remembered_to_the_last() -> None:
    head, features = _head(), torch.randn(1, 6, 6)
    changed = features.clone()
    changed[:, 0] += 5.0
    before, after = (head(each, head.initial_state(1)).actions[0] for each in (features, changed))
    assert not torch.allclose(before[-1], after[-1], atol=1e-6)


def test_the_future_is_not_known() -> None:
    head, features = _head(), torch.randn(1, 6, 6)
    changed = features.clone()
    changed[:, 4] += 5.0
    before, after = (head(each, head.initial_state(1)).actions[0] for each in (features, changed))
    assert torch.equal(before[:4], after[:4])
    assert not torch.allclose(before[4], after[4])


def test_the_state_alone_changes_the_answer() -> None:
    head, frame = _head(), torch.randn(1, 1, 6)
    met = head(torch.randn(1, 4, 6), head.initial_state(1)).state
    assert not torch.allclose(head(frame, met).actions, head(frame, head.initial_state(1)).actions, atol=1e-6)


def test_the_state_holds_hidden_and_cell_values_of_every_layer() -> None:
    assert _head().initial_state(5).shape == (5, 2, 3, 8)
    assert _head().memory.num_layers == 3
