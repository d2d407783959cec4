"""How much the GPU's benchmark measures: all of it on a GPU, little on a processor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GpuBenchmarkSizes:
    """Sizes of the benchmark.

    Attributes:
        sides: Edge lengths of the square pictures, in pixels.
        views: Numbers of pictures that are asked for at a time.
        batches: Batch sizes of the compact hybrid.
        full_batches: Batch sizes with full-size backbones.
        forms: Values of ``--compile`` for the networks.
        turn_s: Least seconds for each figure.
        products: Edge length of the matrices whose product is timed.
        copied_mib: MiB that are copied to time memory.
        robots: Robots that are driven at a time in closed loop.
    """

    sides: tuple[int, ...]
    views: tuple[int, ...]
    batches: tuple[int, ...]
    full_batches: tuple[int, ...]
    forms: tuple[str, ...]
    turn_s: float
    products: int
    copied_mib: int
    robots: int


ON_GPU = GpuBenchmarkSizes(
    sides=(64, 128, 224, 448),
    views=(16, 256, 1024),
    batches=(10, 256, 1024),
    full_batches=(1, 10),
    forms=("none", "graph"),
    turn_s=0.3,
    products=8192,
    copied_mib=2048,
    robots=10,
)
ON_CPU = GpuBenchmarkSizes(
    sides=(64, 224),
    views=(16, 64),
    batches=(1, 10),
    full_batches=(1,),
    forms=("none",),
    turn_s=0.2,
    products=512,
    copied_mib=64,
    robots=2,
)
