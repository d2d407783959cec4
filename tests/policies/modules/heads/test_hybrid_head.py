from __future__ import annotations

import torch
from torch import nn

from policies.modules.heads.hybrid_head import HybridHead


def test_the_published_shape_can_be_built() -> None:
    with torch.device("meta"):
        head = HybridHead(4352, project=2048, width=2048, layers=4, hidden=(1024, 512, 256), axes=3)
    linears = [(part.in_features, part.out_features) for part in head.modules() if isinstance(part, nn.Linear)]
    assert linears == [(4352, 2048), (2048, 1024), (1024, 512), (512, 256), (256, 3)]
    assert (head.recurrent.memory.input_size, head.recurrent.memory.num_layers) == (2048, 4)


def test_it_remembers_through_the_recurrent_layers() -> None:
    head = HybridHead(6, project=8, width=8, layers=2, hidden=(8,), axes=3)
    frame = torch.randn(1, 1, 6)
    met = head(torch.randn(1, 4, 6), head.initial_state(1)).state
    assert not torch.allclose(head(frame, met).actions, head(frame, head.initial_state(1)).actions, atol=1e-6)


def test_a_towers_scale_does_not_drown_the_others() -> None:
    head, features = HybridHead(6, project=8, width=8, layers=1, hidden=(8,), axes=3), torch.randn(1, 3, 6)
    before, after = (head(each, head.initial_state(1)).actions for each in (features, 1000 * features))
    assert torch.allclose(before, after, atol=1e-3)
