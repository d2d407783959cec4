from __future__ import annotations

import pytest
import torch

from policies.modules.layers.resampler import VisionResampler
from scenarios.common.errors import InputError


def _untouched(resampler: VisionResampler, tokens: torch.Tensor) -> torch.Tensor:
    """What all queries read, before the selector."""
    queries = resampler.queries.expand(len(tokens), -1, -1)
    read: torch.Tensor = resampler.feed_forward(resampler.attention(queries, tokens))
    return read


def test_sixty_four_queries_read_any_number_of_tokens() -> None:
    resampler = VisionResampler(16)
    assert resampler.queries.shape == (64, 16)
    for tokens in (1, 50, 257):
        assert resampler(torch.randn(2, tokens, 16)).shape == (2, 64, 16)


@pytest.mark.parametrize("keep", [32, 48, 64])
def test_the_best_scored_are_kept_in_their_order(keep: int) -> None:
    resampler, tokens = VisionResampler(16, keep=keep), torch.randn(3, 10, 16)
    with torch.inference_mode():
        kept, read = resampler(tokens), _untouched(resampler, tokens)
        scores = resampler.selector(read)[..., 0]
    assert kept.shape == (3, keep, 16)
    for i in range(3):
        best = sorted(sorted(range(64), key=lambda q: -float(scores[i, q]))[:keep])
        assert torch.allclose(kept[i], read[i, best] * scores[i, best].sigmoid()[:, None], atol=1e-6)


def test_which_are_kept_depends_on_the_image() -> None:
    resampler, tokens = VisionResampler(16, keep=32), 3 * torch.randn(8, 10, 16)
    scores = resampler.selector(_untouched(resampler, tokens))[..., 0]
    assert len({tuple(sorted(row.topk(32).indices.tolist())) for row in scores}) > 1


def test_the_order_of_the_image_tokens_does_not_matter() -> None:
    resampler, tokens = VisionResampler(16, keep=40), torch.randn(2, 30, 16)
    assert torch.allclose(resampler(tokens), resampler(tokens[:, torch.randperm(30)]), atol=1e-5)


def test_every_image_token_is_read() -> None:
    resampler, tokens = VisionResampler(16, keep=32), torch.randn(2, 30, 16, requires_grad=True)
    resampler(tokens).square().sum().backward()
    assert tokens.grad is not None
    assert (tokens.grad.abs().sum(-1) > 0).all()


@pytest.mark.parametrize("keep", [32, 64])
def test_the_selector_learns(keep: int) -> None:
    resampler = VisionResampler(16, keep=keep)
    resampler(torch.randn(2, 30, 16)).square().sum().backward()
    assert resampler.selector.weight.grad is not None
    assert resampler.selector.weight.grad.abs().max() > 1e-3


@pytest.mark.parametrize("keep", [0, 65])
def test_no_more_can_be_kept_than_there_are(keep: int) -> None:
    with pytest.raises(InputError, match=f"64 queries can't keep {keep}"):
        VisionResampler(16, keep=keep)
