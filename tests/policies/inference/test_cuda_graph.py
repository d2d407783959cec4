from __future__ import annotations

import pytest
import torch
from torch import nn

from policies.inference.cuda_graph import CapturedModule

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")]


def test_a_captured_module_gives_the_modules_answers_for_every_shape() -> None:
    module = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 2)).cuda().eval()
    captured = CapturedModule(module)
    with torch.inference_mode():
        for rows in (3, 5, 3):
            given = torch.randn(rows, 4, device="cuda")
            assert torch.allclose(captured(given), module(given), atol=1e-6)
