"""The choice of what computes a policy's network: which execution provider, and compiled or not."""

from __future__ import annotations

import os
import sys

from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, Policy, PolicyWithWeights
from scenarios.common.errors import InputError

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
COMPILERS = ("none", "compile", "export")


def apply_runtime(policy: Policy, runtime: InferenceRuntime) -> None:
    """Compute a policy's network as was asked for.

    Raises:
        InputError: the policy has no network, or it can't be computed so.
    """
    if runtime == DEFAULT_RUNTIME:
        return
    if not isinstance(policy, PolicyWithWeights):
        raise InputError(
            f"policy '{policy.spec.name}' has no network that {runtime.flags} could apply to: leave it out"
        )
    policy.apply_runtime(runtime)


def count_threads() -> int:
    """How many threads a network may use: as many as torch does, whether or not torch is loaded."""
    if (torch := sys.modules.get("torch")) is not None:
        return int(torch.get_num_threads())
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) > 0 else os.cpu_count() or 1
