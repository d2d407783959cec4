from __future__ import annotations

import torch

from policies.modules.heads.head import ActionMLP


def test_the_mlp_has_the_layers_it_is_told() -> None:
    mlp = ActionMLP(10, hidden=(8, 4), axes=3, chunk=2)
    assert [tuple(weight.shape) for weight in mlp.parameters() if weight.dim() == 2] == [(8, 10), (4, 8), (6, 4)]


def test_actions_come_by_chunk_then_axis() -> None:
    mlp = ActionMLP(6, hidden=(), axes=3, chunk=2)
    with torch.no_grad():
        mlp.layers[0].weight.copy_(torch.eye(6))
        mlp.layers[0].bias.zero_()
    features = torch.arange(6.0)
    assert torch.allclose(mlp(features), torch.tanh(features).view(2, 3))
