from __future__ import annotations

import torch
from torch import nn

from policies.modules.layers.clip_normalization import ClipNormalization


def test_the_scale_and_offset_of_a_feature_do_not_matter() -> None:
    block, features = ClipNormalization(32), torch.randn(4, 32)
    assert torch.allclose(block(features), block(30 * features + 7), atol=1e-4)


def test_the_bottleneck_is_half_as_wide_unless_told() -> None:
    widths = [part.out_features for part in ClipNormalization(768).modules() if isinstance(part, nn.Linear)]
    assert widths == [384, 768]
    assert ClipNormalization(768, 100).bottleneck[0].out_features == 100


def test_without_its_bottleneck_it_is_layer_norm() -> None:
    block, features = ClipNormalization(32), torch.randn(2, 5, 32)  # pooled features and tokens alike
    nn.init.zeros_(block.bottleneck[-1].weight)
    nn.init.zeros_(block.bottleneck[-1].bias)
    answer = block(features)
    assert torch.allclose(answer, nn.functional.layer_norm(features, (32,)), atol=1e-6)
