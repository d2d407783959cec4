from __future__ import annotations

import pytest
import torch
from torch import nn

from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16


class _Trunk(nn.Module):
    """A layer, a buffer of whole numbers and, if wanted, several outputs."""

    def __init__(self, *, several: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.several = nn.Linear(8, 4), several
        self.register_buffer("order", torch.tensor([3, 2, 1, 0]))
        self.seen: list[torch.dtype] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        y = self.layer(x.to(self.layer.weight.dtype))[:, self.order]
        self.seen.append(y.dtype)
        return (y, y.sum()) if self.several else y


INPUTS = torch.linspace(-1.0, 1.0, 24).view(3, 8)


def test_in_full_precision_the_trunk_runs_as_it_is() -> None:
    trunk = _Trunk()
    assert torch.equal(Bfloat16Forward(trunk, half=False)(INPUTS), trunk(INPUTS))
    assert trunk.seen == [torch.float32] * 2


def test_in_half_precision_it_computes_in_bfloat16_and_returns_float32_close_to_the_full_result() -> None:
    trunk = _Trunk()
    found = Bfloat16Forward(trunk, half=True)(INPUTS)
    assert trunk.seen == [torch.bfloat16]
    assert found.dtype == torch.float32
    exact = trunk(INPUTS)
    assert not torch.equal(found, exact)
    assert torch.allclose(found, exact, atol=2e-2)


def test_every_output_of_several_is_float32() -> None:
    found = Bfloat16Forward(_Trunk(several=True), half=True)(INPUTS)
    assert [part.dtype for part in found] == [torch.float32] * 2


def test_weights_and_gradients_stay_float32_and_close_to_the_exact_gradients() -> None:
    half, full = _Trunk(), _Trunk()
    before = half.layer.weight.detach().clone()
    Bfloat16Forward(half, half=True)(INPUTS).square().sum().backward()
    full(INPUTS).square().sum().backward()
    assert torch.equal(half.layer.weight, before)
    assert half.layer.weight.grad.dtype == torch.float32
    assert torch.allclose(half.layer.weight.grad, full.layer.weight.grad, rtol=0.05, atol=0.05)


@pytest.mark.parametrize(
    ("capabilities", "fast"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True, "avx512_bf16": False}, True),
        ({"avx512_bf16": False, "avx2": True}, False),
        ({}, False),
    ],
)
def test_a_cpu_is_fast_in_bfloat16_if_it_has_instructions_for_it(capabilities, fast, monkeypatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert has_fast_bfloat16(torch.device("cpu")) is fast


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
def test_a_gpu_is_fast_in_bfloat16_from_ampere_on() -> None:
    major, _ = torch.cuda.get_device_capability()
    assert has_fast_bfloat16(torch.device("cuda")) is (major >= 8)
