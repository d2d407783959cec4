"""Jobs done in the calling process, which is left as it was found."""

from __future__ import annotations

import contextlib
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.policy import Policy
from scenarios.common.quiet import quiet_stderr
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.networks import evaluation_mode, find_networks
from sim.workers.job import Job, JobRunner, PoolListener
from sim.workers.process import Heartbeat
from sim.workers.threads import SINGLE_THREAD_ENV, single_blas_thread

READ_LATE = ("LP_NUM_THREADS", "TOKENIZERS_PARALLELISM")  # others are read once, for the rest of the process


class InProcessPool:
    """Does jobs one after the other in this process; an error of a job is raised."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner

    def run(self, jobs: Sequence[Job], listener: PoolListener) -> None:
        """Do all jobs in order, and pass their results to the listener."""
        for job in jobs:
            result = self._runner.do(job, lambda part, job=job: listener.part(job, part))  # type: ignore[misc]
            listener.done(job, result)


@contextlib.contextmanager
def in_this_process(settings: EvaluationSettings, policies: Mapping[str, Policy]) -> Iterator[InProcessPool]:
    """Provide a pool that is this process.

    Args:
        settings: Settings of all jobs.
        policies: Policies that exist already, by name.
    """
    networks = [network for policy in policies.values() for network in find_networks(policy)]
    with unchanged_process(), evaluation_mode(networks), single_blas_thread():
        os.environ.update({name: SINGLE_THREAD_ENV[name] for name in READ_LATE})
        with quiet_stderr():
            from sim.evaluate.jobs import EvaluationJobs
        jobs = EvaluationJobs(settings, Heartbeat([0.0, 0.0]), policies)
        try:
            yield InProcessPool(jobs)
        finally:
            jobs.close()


@contextlib.contextmanager
def unchanged_process() -> Iterator[None]:
    """Restore at the end what a policy or a library may change: random states, torch's settings, folder, environment.

    The number of torch's threads is restored by whoever limits it, as torch may be loaded only in this context.
    """
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  the global generator of others
    folder, variables, limit, errors = os.getcwd(), dict(os.environ), sys.getrecursionlimit(), np.geterr()
    torch = TorchState.read() if "torch" in sys.modules else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        np.seterr(**errors)
        os.chdir(folder)
        sys.setrecursionlimit(limit)
        if dict(os.environ) != variables:
            os.environ.clear()
            os.environ.update(variables)
        if "torch" in sys.modules:
            (torch or TorchState.fresh()).restore()


@dataclass(frozen=True)
class TorchState:
    """What torch keeps for the whole process."""

    generator: Any
    """State of the generator of the CPU."""
    cuda_generators: Any
    """States of the generators of all GPUs; None before a GPU is used."""
    dtype: Any
    """Default type of new tensors."""
    device: Any
    """Default device of new tensors."""
    grad: bool
    """True if gradients are recorded."""
    deterministic: tuple[bool, bool]
    """True if algorithms must be deterministic, and true if others only cause a warning."""
    cudnn: tuple[bool, bool]
    """True if cuDNN's algorithms must be deterministic, and true if it measures which one is the fastest."""
    matmul: str
    """Precision of float32 products."""

    @classmethod
    def read(cls) -> TorchState:
        """Read the present state."""
        import torch

        return cls(
            torch.get_rng_state(),
            torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None,
            torch.get_default_dtype(),
            torch.get_default_device(),
            torch.is_grad_enabled(),
            (torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()),
            (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark),
            torch.get_float32_matmul_precision(),
        )

    @classmethod
    def fresh(cls) -> TorchState:
        """Return the state of torch when it has just been imported."""
        import torch

        return cls(
            torch.Generator().get_state(),
            None,
            torch.float32,
            torch.device("cpu"),
            True,
            (False, False),
            (False, False),
            "highest",
        )

    def restore(self) -> None:
        """Make this the present state."""
        import torch

        torch.set_rng_state(self.generator)
        if self.cuda_generators is not None:
            torch.cuda.set_rng_state_all(self.cuda_generators)
        torch.set_default_dtype(self.dtype)
        if torch.get_default_device() != self.device:
            torch.set_default_device(None if self.device == torch.device("cpu") else self.device)
        torch.set_grad_enabled(self.grad)
        if (torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()) != (
            self.deterministic
        ):
            torch.use_deterministic_algorithms(self.deterministic[0], warn_only=self.deterministic[1])
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = self.cudnn
        if torch.get_float32_matmul_precision() != self.matmul:
            torch.set_float32_matmul_precision(self.matmul)
