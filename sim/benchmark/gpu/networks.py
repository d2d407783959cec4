"""A policy's call by precision, form and batch size, beside what its operations and bytes take at best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from policies.inference.device import DTYPES
from policies.inference.network_policy import NetworkPolicy
from policies.policy import InferenceRuntime, ObservationBatch
from scenarios.robot import IMAGE_SIZE
from sim.benchmark.gpu.limits import DeviceLimits, time_work
from sim.benchmark.gpu.sizes import GpuBenchmarkSizes
from sim.benchmark.measurements import Measurement

INSTRUCTION = "drive down the corridor to the red ball"
FULL_SIZE = "full-size hybrid"
_FLOAT32_BYTES = 4
aten = torch.ops.aten

PolicyMaker = Callable[[], NetworkPolicy]
"""Makes a policy with a batch size still to be set; its weights may be shared."""


@dataclass(frozen=True)
class FrameWork:
    """What one frame of one robot takes.

    Attributes:
        flops: Floating-point operations.
        backbone_weights: Weights that are read in the backbones.
        other_weights: Weights that are read elsewhere, always float32.
    """

    flops: int
    backbone_weights: int
    other_weights: int

    def least_seconds(self, batch: ObservationBatch, precision: str, limits: DeviceLimits) -> float:
        """Return the time of a batch at the limits: upload, then products or weights, whatever takes longer."""
        uploaded = 0 if batch.pixels is None else batch.pixels.nbytes
        read = self.backbone_weights * DTYPES[precision].itemsize + self.other_weights * _FLOAT32_BYTES
        products = len(batch.live) * self.flops / limits.flops[precision]
        return uploaded / limits.upload_bytes + max(products, read / limits.memory_bytes)


def load_full_size_maker() -> PolicyMaker:
    """Build a hybrid on CLIP ViT-B/32 and Kosmos-2 with fresh weights, once for all policies that are made."""
    from policies.systems.backbone_sources import RANDOM, BackboneSources, build_full_system, load_full_backbones
    from policies.systems.policy import SystemPolicy
    from policies.systems.table import SYSTEMS

    sources = BackboneSources(RANDOM, RANDOM)
    system, backbones = build_full_system(SYSTEMS["hybrid"], sources), load_full_backbones(sources)
    return lambda: SystemPolicy(system, backbones, FULL_SIZE)


def measure_policy_calls(
    make: PolicyMaker,
    work: FrameWork,
    batches: Sequence[int],
    device: str,
    limits: DeviceLimits,
    sizes: GpuBenchmarkSizes,
) -> Iterator[Measurement]:
    """Measure the time of a policy's calls; the ratio is the share of it that they take at the device's limits."""
    name = make().spec.name
    yield Measurement("gpu", f"{name}: operations of a frame", work.flops / 1e9, "GFLOP")
    yield Measurement("gpu", f"{name}: weights", (work.backbone_weights + work.other_weights) / 1e6, "million")
    for precision in DTYPES:
        for form in sizes.forms:
            for count in batches:
                policy, batch = make(), make_noise(count)
                policy.apply_runtime(InferenceRuntime(compile=form, device=device, precision=precision))
                policy.reset(range(count), [INSTRUCTION] * count)
                seconds = time_work(lambda: policy.act(batch), torch.device(device), sizes.turn_s)  # noqa: B023
                what = f"{name}, batch {count}, {precision}, {'eager' if form == 'none' else form}"
                least = work.least_seconds(batch, precision, limits)
                yield Measurement("gpu", what, 1e3 * seconds, "ms", least / seconds)


def make_noise(count: int) -> ObservationBatch:
    """Make an observation of noise for ``count`` robots."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, *IMAGE_SIZE, 3), np.uint8)
    return ObservationBatch(pixels, np.zeros((count, 6), np.float32), np.ones(count, bool))


def count_work(policy: NetworkPolicy) -> FrameWork:
    """Count a frame's operations and the weights that it reads, by a call of the policy in its usual runtime."""
    policy.reset([0], [INSTRUCTION])
    for network in policy.networks:
        network.requires_grad_(False)  # the counter looks for gradients
    with FlopCounterMode(display=False) as counter:
        policy.act(make_noise(1))
    backbones = nn.ModuleList([policy.source, policy.network.source])
    everything = nn.ModuleList([*policy.networks, policy.network])
    within, read = (_WeightRecorder(modules) for modules in (backbones, everything))
    with within, read:
        policy.act(make_noise(1))
    return FrameWork(counter.get_total_flops(), within.count, read.count - within.count)


class _WeightRecorder(TorchDispatchMode):
    """Counts the weights of modules that operators read in its context, each once; embeddings read only rows of theirs.

    Weights are known by their storage, since several tensors may share one.
    """

    def __init__(self, modules: nn.Module) -> None:
        super().__init__()
        tensors = (*modules.parameters(), *modules.buffers())
        self._known = {tensor.untyped_storage().data_ptr() for tensor in tensors if tensor.is_floating_point()}
        self._read: dict[tuple[int, int, int], int] = {}

    @property
    def count(self) -> int:
        """The number of weights that have been read."""
        return sum(self._read.values())

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is not aten.linear.default:
            with self:  # in inference mode, composite operators arrive whole
                made = func.decompose(*args, **(kwargs or {}))
            if made is not NotImplemented:
                return made
        if not func.is_view and func.overloadpacket not in (aten.embedding, aten.index_select):
            for value in args:
                self._note(value)
        return func(*args, **(kwargs or {}))

    def _note(self, value: object) -> None:
        if isinstance(value, torch.Tensor) and (place := value.untyped_storage().data_ptr()) in self._known:
            self._read[place, int(value.storage_offset()), value.numel()] = value.numel()
