"""By what a policy's network is computed: which execution provider, and compiled or not."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from policies.policy import Policy
from scenarios.common.errors import InputError

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
COMPILERS = ("none", "compile", "export")


@dataclass(frozen=True)
class InferenceRuntime:
    """What was asked for; what was applied stands in the policy's ``spec.runtime``.

    Attributes:
        provider: What ONNX Runtime computes an ONNX file with, a key of ``PROVIDERS``.
        compile: What becomes of a torch network: "none" (as it is), "compile" (``torch.compile``) or "export"
            (the program that ``torch.export`` makes of it).
    """

    provider: str = "cpu"
    compile: str = "none"

    @property
    def flags(self) -> str:
        """What of it was asked for on purpose, as typed."""
        provider = "" if self.provider == DEFAULT_RUNTIME.provider else f"--provider {self.provider}"
        return provider or f"--compile {self.compile}"


DEFAULT_RUNTIME = InferenceRuntime()


def apply_runtime(policy: Policy, runtime: InferenceRuntime) -> None:
    """Let a policy's network be computed as was asked for.

    A policy with a network has a method of this name, which takes an ``InferenceRuntime`` and raises ``InputError``
    where it can't be.

    Raises:
        InputError: the policy has no network, or can't run so.
    """
    if runtime == DEFAULT_RUNTIME:
        return
    if not hasattr(policy, "apply_runtime"):
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
