"""Half-precision forward passes over full-precision weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel


class Bfloat16Forward(nn.Module):
    """Wrapper that runs a module's forward pass in bfloat16, with float32 weights and gradients.

    In inference mode, as in validation, it runs in float32.

    Casting the weights once a step is twice as fast on CPUs as autocast's cast per operation, and keeps the optimizer
    and the weights exact. Without hardware support, bfloat16 is slower: pass ``half=False`` to run in float32.
    """

    def __init__(self, trunk: nn.Module, half: bool) -> None:
        super().__init__()
        self.trunk = trunk
        self.half_precision = half

    def forward(self, *inputs: object) -> Any:
        """Return the trunk's output, a tensor or a tuple of tensors, in float32."""
        if not self.half_precision or torch.is_inference_mode_enabled():
            return self.trunk(*inputs)
        tensors = [*self.trunk.named_parameters(), *self.trunk.named_buffers()]
        cast = {name: t.to(torch.bfloat16) if t.is_floating_point() else t for name, t in tensors}
        with _fast_attention_gradients(tensors[0][1].device):
            output = torch.func.functional_call(self.trunk, cast, inputs)
        if isinstance(output, tuple):
            return tuple(part.to(torch.float32) for part in output)
        return output.to(torch.float32)


@contextmanager
def _fast_attention_gradients(device: torch.device) -> Iterator[None]:
    """Let PyTorch's attention compute from matrix products on CPUs.

    The gradients of its fused kernel take seven times as long there in bfloat16.
    """
    if device.type != "cpu":
        yield
        return
    allowed = torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed()
    torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)  # despite its name on CPUs, too: without, in float32
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(allowed)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Return whether a device multiplies bfloat16 in hardware."""
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
