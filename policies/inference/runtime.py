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
class Runtime:
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
        provider = "" if self.provider == DEFAULT.provider else f"--provider {self.provider}"
        return provider or f"--compile {self.compile}"


DEFAULT = Runtime()


def run_by(policy: Policy, runtime: Runtime) -> None:
    """Let a policy's network be computed as was asked for.

    A policy with a network has a method of this name, which takes a ``Runtime`` and raises ``InputError`` where it
    can't be.

    Raises:
        InputError: the policy has no network, or can't run so.
    """
    if runtime == DEFAULT:
        return
    if not hasattr(policy, "run_by"):
        raise InputError(
            f"policy '{policy.spec.name}' has no network that {runtime.flags} could apply to: leave it out"
        )
    policy.run_by(runtime)


def threads() -> int:
    """How many threads a network may use: as many as torch does, whether or not torch is loaded."""
    if (torch := sys.modules.get("torch")) is not None:
        return int(torch.get_num_threads())
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) > 0 else os.cpu_count() or 1
