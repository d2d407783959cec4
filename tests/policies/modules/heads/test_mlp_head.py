from __future__ import annotations

import torch

from policies.modules.heads.mlp_head import MLPHead


def test_a_frame_is_answered_without_the_frames_before_it() -> None:
    head = MLPHead(6, hidden=(8,), axes=2, chunk=3)
    features = torch.randn(2, 5, 6)
    whole = head(features, head.initial_state(2))
    assert whole.actions.shape == (2, 5, 3, 2)
    assert torch.allclose(whole.actions[:, 3:], head(features[:, 3:], head.initial_state(2)).actions)


def test_it_keeps_no_state() -> None:
    head = MLPHead(6, hidden=(8,), axes=2)
    assert head.initial_state(4).shape == (4, 0)
    assert head(torch.randn(4, 1, 6), head.initial_state(4)).state.shape == (4, 0)
