"""What a device can do at best: matrix products, memory, and copies to and from the host."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import torch

from policies.inference.device import DTYPES
from sim.benchmark.gpu.sizes import GpuBenchmarkSizes
from sim.benchmark.measurements import Measurement


@dataclass(frozen=True)
class DeviceLimits:
    """Measured rates of a device, per second.

    Attributes:
        flops: By precision, operations of a large matrix product of random numbers.
        memory_bytes: Bytes read and written by a large copy within the device.
        upload_bytes: Bytes copied from the host.
        download_bytes: Bytes copied to the host.
    """

    flops: dict[str, float]
    memory_bytes: float
    upload_bytes: float
    download_bytes: float

    def measurements(self) -> Iterator[Measurement]:
        """The limits as figures."""
        for precision, rate in self.flops.items():
            yield Measurement("gpu", f"limit: matrix product, {precision}", rate / 1e12, "TFLOP/s")
        yield Measurement("gpu", "limit: memory", self.memory_bytes / 1e9, "GB/s")
        yield Measurement("gpu", "limit: from the host", self.upload_bytes / 1e9, "GB/s")
        yield Measurement("gpu", "limit: to the host", self.download_bytes / 1e9, "GB/s")


def time_work(work: Callable[[], object], device: torch.device, turn_s: float) -> float:
    """Return the median seconds of a call, to its end on the device; the first two calls warm up."""
    passed: list[float] = []
    for number in range(10_000):
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        if number > 1:
            passed.append(time.perf_counter() - began)
        if passed and sum(passed) >= turn_s:
            break
    return median(passed)


def measure_limits(device: torch.device, sizes: GpuBenchmarkSizes) -> DeviceLimits:
    """Measure the limits of a device."""

    def seconds(work: Callable[[], object]) -> float:
        return time_work(work, device, sizes.turn_s)

    with torch.inference_mode():
        flops = {name: _product_flops(dtype, device, sizes) for name, dtype in DTYPES.items()}
        count = sizes.copied_mib * 2**20
        here, there = (torch.empty(count, dtype=torch.uint8, device=device).random_() for _ in range(2))
        host = torch.empty(count // 4, dtype=torch.uint8, pin_memory=device.type == "cuda").random_()
        return DeviceLimits(
            flops,
            2 * count / seconds(lambda: there.copy_(here)),
            len(host) / seconds(lambda: there[: len(host)].copy_(host)),
            len(host) / seconds(lambda: host.copy_(there[: len(host)])),
        )


def _product_flops(dtype: torch.dtype, device: torch.device, sizes: GpuBenchmarkSizes) -> float:
    """Return the operations a second of a product of two square matrices of random numbers."""
    one, other = (torch.randn(sizes.products, sizes.products, device=device).to(dtype) for _ in range(2))
    product = torch.empty_like(one)
    return 2 * sizes.products**3 / time_work(lambda: torch.mm(one, other, out=product), device, sizes.turn_s)
