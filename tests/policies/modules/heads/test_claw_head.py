from __future__ import annotations

import pytest
import torch

from policies.modules.heads.claw_head import ClawHead
from scenarios.common.errors import InputError

VISION, LANGUAGE, WINDOW = 6, 4, 3


def _head(*, planner: bool = True, distances: int = 3, chunk: int = 18) -> ClawHead:
    return ClawHead(
        VISION,
        LANGUAGE,
        vision_tokens=2,
        width=8,
        heads=2,
        window=WINDOW,
        hidden=(8,),
        axes=3,
        chunk=chunk,
        planner=planner,
        distances=distances,
    )


def _actions(head: ClawHead, features: torch.Tensor) -> torch.Tensor:
    return head(features, head.initial_state(len(features))).actions


def test_a_frame_is_its_vision_tokens_then_its_language() -> None:
    assert _head().features == 2 * VISION + LANGUAGE


@pytest.mark.parametrize("planner", [False, True])
def test_it_answers_a_chunk_at_every_frame(planner: bool) -> None:
    head = _head(planner=planner)
    assert _actions(head, torch.randn(2, 5, head.features)).shape == (2, 5, 18, 3)


@pytest.mark.parametrize("channel", [0, VISION, 2 * VISION], ids=["vision", "second vision token", "language"])
def test_what_is_older_than_the_window_is_forgotten(channel: int) -> None:
    head = _head()
    features = torch.randn(1, 8, head.features)
    changed = features.clone()
    changed[:, 2, channel] += 5.0
    before, after = _actions(head, features)[0], _actions(head, changed)[0]
    for t in range(8):
        assert torch.equal(before[t], after[t]) == (not 2 <= t < 2 + WINDOW)


def test_the_order_of_the_frames_matters() -> None:
    head = _head()
    features = torch.randn(1, 3, head.features)
    swapped = features[:, [1, 0, 2]]
    assert not torch.allclose(_actions(head, features)[:, -1], _actions(head, swapped)[:, -1], atol=1e-6)


def test_places_without_a_frame_carry_nothing() -> None:
    head = _head()
    frame, empty = torch.randn(1, 1, head.features), head.initial_state(1)
    noisy = empty.clone()
    noisy[..., :-1] = torch.randn(1, WINDOW - 1, head.features)  # no frame stands there: the last channel is 0
    assert torch.allclose(head(frame, noisy).actions, head(frame, empty).actions, atol=1e-6)


def test_the_distance_is_judged_from_what_is_seen_now() -> None:
    head = _head()
    assert head.distance is not None
    features = torch.randn(1, 1, head.features)
    before = _actions(head, features)
    with torch.no_grad():
        head.distance.vectors += torch.randn_like(head.distance.vectors)
    assert not torch.allclose(_actions(head, features), before, atol=1e-6)
    assert _head(distances=0).distance is None


def test_a_plan_needs_whole_subgoals() -> None:
    with pytest.raises(InputError, match="multiple of its 6 subgoals"):
        _head(chunk=10)
    assert _actions(_head(chunk=10, planner=False), torch.randn(1, 1, 16)).shape[2] == 10
