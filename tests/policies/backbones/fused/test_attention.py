from __future__ import annotations

import pytest
import torch
from torch import nn

from policies.backbones.fused.attention import FusedAttention, merge_linears, split_heads


def test_merged_layers_give_the_outputs_side_by_side_and_share_their_memory() -> None:
    torch.manual_seed(0)
    layers = [nn.Linear(8, width) for width in (4, 6, 4)]
    inputs = torch.rand(3, 8)
    before = torch.cat([layer(inputs) for layer in layers], dim=1)
    merged = merge_linears(layers)
    assert torch.allclose(merged(inputs), before, atol=1e-6)
    assert torch.allclose(torch.cat([layer(inputs) for layer in layers], dim=1), before, atol=1e-6)
    with torch.no_grad():
        merged.weight.zero_()
    assert all(not layer.weight.any() for layer in layers)


def test_heads_are_split_as_transformers_splits_them() -> None:
    projected = torch.rand(2, 5, 3 * 12)
    for part, found in enumerate(split_heads(projected, 3, heads=4)):
        assert torch.equal(found, projected[..., 12 * part : 12 * part + 12].view(2, 5, 4, 3).transpose(1, 2))


@pytest.mark.parametrize("tower", ["clip", "kosmos2"])
def test_it_attends_as_transformers_does(hybrid, tower: str) -> None:
    backbones = hybrid.backbones
    model = backbones.clip_vision if tower == "clip" else backbones.kosmos2.vision_model.model
    theirs = model.encoder.layers[0].self_attn
    hidden = torch.randn(2, 9, theirs.embed_dim)
    with torch.inference_mode():
        assert torch.allclose(FusedAttention(theirs)(hidden), theirs(hidden, None)[0], atol=1e-5)


def test_one_token_gets_what_it_gets_among_all(hybrid) -> None:
    attention = FusedAttention(hybrid.backbones.kosmos2.text_model.model.layers[0].self_attn, is_causal=True)
    hidden, last = torch.randn(3, 9, attention.project.in_features), torch.tensor([8, 0, 4])
    with torch.inference_mode():
        whole = attention(hidden)[torch.arange(3), last]
        assert torch.allclose(attention.attend_at(hidden, last), whole, atol=1e-5)


def test_layers_merged_in_inference_mode_can_still_be_trained() -> None:
    layer = nn.Linear(8, 4)
    with torch.inference_mode():
        merge_linears([layer, nn.Linear(8, 4)])
    layer(torch.rand(3, 8)).sum().backward()
    assert layer.weight.grad is not None


def test_layers_that_are_merged_again_keep_one_copy_of_their_weights() -> None:
    layers = [nn.Linear(8, width) for width in (4, 6)]
    first, second = merge_linears(layers), merge_linears(layers)
    assert first.weight.data_ptr() == second.weight.data_ptr() == layers[0].weight.data_ptr()
    assert torch.equal(second.weight, torch.cat([layer.weight for layer in layers]))
    assert torch.equal(second.bias, torch.cat([layer.bias for layer in layers]))
    other = merge_linears([layers[1], layers[0]])  # in another order, they are no longer side by side
    assert torch.equal(other.weight, torch.cat([layers[1].weight, layers[0].weight]))
