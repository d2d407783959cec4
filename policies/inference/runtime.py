"""The runtime of a policy's network: its execution provider, or its compilation, device and number format."""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import replace

from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, Policy, PolicyWithWeights
from scenarios.common.errors import InputError

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
COMPILERS = ("none", "compile", "export", "graph")
PRECISIONS = ("fp32", "bf16", "fp16")


def parse_device(text: str) -> str:
    """Parse the name of a torch device: an argument type. Whether the device is there is checked when it is used."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", text):
        raise argparse.ArgumentTypeError(
            f"unknown device '{text}': choose auto, cpu, cuda, or cuda:N for one of several GPUs"
        )
    return text


def apply_runtime(policy: Policy, runtime: InferenceRuntime) -> None:
    """Apply a runtime to a policy's network.

    Raises:
        InputError: The policy has no network, or its network doesn't support this runtime.
    """
    if runtime.device == "auto":
        runtime = replace(runtime, device=_choose_device(policy))
    if runtime == DEFAULT_RUNTIME:
        return
    if not isinstance(policy, PolicyWithWeights):
        raise InputError(
            f"policy '{policy.spec.name}' has no network to which {runtime.flags} could apply: omit the option"
        )
    policy.apply_runtime(runtime)


def _choose_device(policy: Policy) -> str:
    """Return the GPU if there is one for a policy's network."""
    if isinstance(policy, PolicyWithWeights) and (torch := sys.modules.get("torch")) is not None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    return "cpu"


def count_threads() -> int:
    """Return the number of threads that a network may use: as many as torch uses, whether or not torch is loaded."""
    if (torch := sys.modules.get("torch")) is not None:
        return int(torch.get_num_threads())
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) > 0 else count_cores()


def count_cores() -> int:
    """Return the number of processors that this process may use: a cluster's job may have few of a machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
