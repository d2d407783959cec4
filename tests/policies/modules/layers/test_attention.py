from __future__ import annotations

import pytest
import torch

from policies.modules.layers.attention import CrossAttention, FeedForward
from scenarios.common.errors import InputError


def test_keys_are_read_whatever_their_order() -> None:
    attention, queries, keys = CrossAttention(8, heads=2), torch.randn(2, 3, 8), torch.randn(2, 5, 8)
    shuffled = keys[:, torch.randperm(5)]
    assert torch.allclose(attention(queries, keys), attention(queries, shuffled), atol=1e-6)


def test_unseen_keys_change_nothing() -> None:
    attention, queries, keys = CrossAttention(8, heads=2), torch.randn(2, 3, 8), torch.randn(2, 5, 8)
    seen = torch.tensor([True, True, False, True, False]).expand(2, 5)
    assert torch.allclose(attention(queries, keys, seen), attention(queries, keys[:, [0, 1, 3]]), atol=1e-6)


def test_a_sample_without_keys_is_answered_with_numbers() -> None:
    attention = CrossAttention(8, heads=2)
    answer = attention(torch.randn(1, 3, 8), torch.randn(1, 2, 8), torch.zeros(1, 2, dtype=torch.bool))
    assert answer.isfinite().all()


def test_queries_weigh_even_a_single_key() -> None:
    attention, queries, key = CrossAttention(8, heads=2), torch.randn(1, 2, 8), torch.randn(1, 1, 8)
    read = attention(queries, key) - queries
    assert not torch.allclose(read[:, 0], read[:, 1], atol=1e-4)


def test_heads_share_the_width_evenly() -> None:
    with pytest.raises(InputError, match="width 10 can't have 4 heads"):
        CrossAttention(10, heads=4)


def test_feed_forward_works_on_each_token_for_itself() -> None:
    layer, tokens = FeedForward(8), torch.randn(2, 3, 8)
    assert torch.allclose(layer(tokens)[:, 1], layer(tokens[:, 1]), atol=1e-6)
