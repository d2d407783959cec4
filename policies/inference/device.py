"""Devices and number formats of torch networks, and copies of networks on them."""

from __future__ import annotations

import copy
import os
from typing import TypeVar

import torch
from torch import nn

from policies.inference.frame_network import FrameNetwork
from policies.policy import InferenceRuntime
from scenarios.common.errors import InputError, unknown_name

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

SourceT = TypeVar("SourceT", bound=nn.Module)


def select_device(runtime: InferenceRuntime) -> torch.device:
    """Return a runtime's device, and make its results repeatable if it is a GPU.

    Raises:
        InputError: There is no such device here, or it doesn't compute in the runtime's precision.
    """
    if runtime.precision not in DTYPES:
        raise unknown_name("precision", runtime.precision, tuple(DTYPES))
    device = torch.device(runtime.device)
    if device.type == "cpu":
        return device
    _check_gpu(device, runtime)
    # float32 means float32: these would round its factors to 10 bits, and choose algorithms by their speed.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # otherwise cuDNN's recurrent layers aren't repeatable
    return device


def _check_gpu(device: torch.device, runtime: InferenceRuntime) -> None:
    asked = f"--device {runtime.device} is not available"
    if torch.version.cuda is None and torch.version.hip is None:
        raise InputError(
            f"{asked}: this PyTorch {torch.__version__} is built for CPUs only; install a build for GPUs, or omit the "
            "option"
        )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if (device.index or 0) >= count:
        found = f"{count} GPU{'s' * (count > 1)}" if count else "no GPU"
        raise InputError(
            f"{asked}: PyTorch finds {found} on this machine (see nvidia-smi and CUDA_VISIBLE_DEVICES); choose one "
            "that is there, or omit the option"
        )
    with torch.cuda.device(device):
        if runtime.precision == "bf16" and not torch.cuda.is_bf16_supported(including_emulation=False):
            raise InputError(
                f"--precision bf16 is not available on {torch.cuda.get_device_name(device)}: choose fp16 or fp32"
            )


def describe_runtime(runtime: InferenceRuntime) -> str:
    """Describe the runtime of a torch network for the results, e.g. "torch 2.13.0 eager"."""
    words = [f"torch {torch.__version__}", "eager" if runtime.compile == "none" else runtime.compile]
    if runtime.device != "cpu":
        words.append(f"{runtime.device} ({torch.cuda.get_device_name(torch.device(runtime.device))})")
    if runtime.precision != "fp32":
        words.append(runtime.precision)
    return " ".join(words)


def copy_networks(
    frame: FrameNetwork, source: SourceT, device: torch.device, dtype: torch.dtype, shared: object
) -> tuple[FrameNetwork, SourceT]:
    """Copy a policy's networks to a device; the originals stay as they are, since policies share backbones.

    Args:
        frame: The computation for every frame, with its own view of the backbones.
        source: The backbones.
        device: Where the copies' weights and buffers are.
        dtype: Number format of the copied backbones; what else the frame has keeps its own.
        shared: An object that originals and copies share.
    """
    backbones = nn.ModuleList([source, frame.source])
    cast = {id(tensor) for tensor in (*backbones.parameters(), *backbones.buffers())}
    memo: dict[int, object] = {id(shared): shared}
    for tensor in (*source.parameters(), *source.buffers(), *frame.parameters(), *frame.buffers()):
        wanted = dtype if id(tensor) in cast and tensor.is_floating_point() else tensor.dtype
        moved = tensor.detach().to(device).to(wanted)  # a GPU converts sooner than the processor
        memo[id(tensor)] = nn.Parameter(moved, requires_grad=False) if isinstance(tensor, nn.Parameter) else moved
    copies = copy.deepcopy(frame, memo), copy.deepcopy(source, memo)
    for module in copies[0].modules():
        if isinstance(module, nn.RNNBase):
            module.flatten_parameters()  # otherwise cuDNN copies the weights at every call
    return copies
