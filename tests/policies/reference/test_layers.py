from __future__ import annotations

import torch

from policies.reference.layers import STEM_STRIDE, Modulation, TransformerBlock, build_stem


def test_a_token_that_none_may_see_changes_no_other() -> None:
    torch.manual_seed(0)
    block, tokens = TransformerBlock(16, 2), torch.randn(1, 4, 16)
    seen = torch.tensor([[True, True, True, False]])
    changed = tokens.clone()
    changed[:, 3] *= -3.0
    assert torch.allclose(block(tokens, seen)[:, :3], block(changed, seen)[:, :3], atol=1e-6)
    assert not torch.allclose(block(tokens)[:, :3], block(changed)[:, :3], atol=1e-3)


def test_modulation_changes_nothing_at_first_and_then_what_the_query_says() -> None:
    modulation, tokens, query = Modulation(8), torch.randn(2, 3, 8), torch.randn(2, 8)
    assert torch.equal(modulation(tokens, query), tokens)
    torch.nn.init.normal_(modulation.scales.weight)
    assert not torch.allclose(modulation(tokens, query), modulation(tokens, -query))


def test_the_stem_leaves_one_token_for_each_stride() -> None:
    assert build_stem((4, 8, 8), 16)(torch.zeros(2, 3, 64, 64)).shape == (2, 16, 64 // STEM_STRIDE, 64 // STEM_STRIDE)
