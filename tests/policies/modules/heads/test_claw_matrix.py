from __future__ import annotations

import pytest
import torch

from policies.modules.heads.claw_matrix import ClawMatrix

STREAMS = ("vision", "language", "action")
WIDTH = 8


@pytest.fixture
def claw() -> ClawMatrix:
    return ClawMatrix(vision=6, language=5, action=4, width=WIDTH, heads=2)


@pytest.fixture
def streams() -> dict[str, torch.Tensor]:
    return {"vision": torch.randn(2, 7, 6), "language": torch.randn(2, 3, 5), "action": torch.randn(2, 2, 4)}


def test_the_three_answers_stand_side_by_side(claw: ClawMatrix, streams: dict[str, torch.Tensor]) -> None:
    assert claw(**streams).shape == (2, 3 * WIDTH)


@pytest.mark.parametrize("changed", STREAMS)
def test_each_stream_reads_the_next_of_the_ring_and_no_other(
    claw: ClawMatrix, streams: dict[str, torch.Tensor], changed: str
) -> None:
    before = claw(**streams).view(2, 3, WIDTH)
    after = claw(**streams | {changed: torch.randn_like(streams[changed])}).view(2, 3, WIDTH)
    for i, stream in enumerate(STREAMS):
        reads = STREAMS[(i + 1) % 3]
        assert torch.equal(before[:, i], after[:, i]) == (changed not in (stream, reads))


@pytest.mark.parametrize(("reader", "key"), [(0, "language"), (1, "action"), (2, "vision")])
def test_every_token_of_the_key_stream_is_read(
    claw: ClawMatrix, streams: dict[str, torch.Tensor], reader: int, key: str
) -> None:
    tokens = streams[key].requires_grad_()
    claw(**streams).view(2, 3, WIDTH)[:, reader].square().sum().backward()
    assert tokens.grad is not None
    assert (tokens.grad.abs().sum(-1) > 0).all()


@pytest.mark.parametrize("attention", ["vision_to_language", "language_to_action", "action_to_vision"])
def test_what_is_read_is_chosen_by_the_reader(
    claw: ClawMatrix, streams: dict[str, torch.Tensor], attention: str
) -> None:
    claw(**streams).square().sum().backward()
    assert getattr(claw, attention).query.weight.grad.abs().max() > 1e-6


def test_unseen_tokens_count_nowhere(claw: ClawMatrix, streams: dict[str, torch.Tensor]) -> None:
    vision_seen, language_seen = torch.ones(2, 7, dtype=torch.bool), torch.ones(2, 3, dtype=torch.bool)
    vision_seen[:, 4:], language_seen[:, 2:] = False, False
    masked = claw(**streams, vision_seen=vision_seen, language_seen=language_seen)
    cut = claw(streams["vision"][:, :4], streams["language"][:, :2], streams["action"])
    assert torch.allclose(masked, cut, atol=1e-6)
