from __future__ import annotations

import torch
from torch import nn

from policies.modules.layers.distance_embedding import DistanceEmbedding


def test_a_sure_judgement_gives_that_distances_vector() -> None:
    embedding = DistanceEmbedding(3, width=5)
    with torch.no_grad():
        embedding.judge.weight.copy_(100 * torch.eye(3))
        embedding.judge.bias.zero_()
    assert torch.allclose(embedding(torch.eye(3)), embedding.vectors)


def test_no_judgement_gives_their_mean() -> None:
    embedding = DistanceEmbedding(4, width=5)
    nn.init.zeros_(embedding.judge.weight)
    nn.init.zeros_(embedding.judge.bias)
    assert torch.allclose(embedding(torch.randn(2, 4)), embedding.vectors.mean(0).expand(2, 5), atol=1e-6)
