"""Instruction sets that one processor can play: environment variables that limit what numerical libraries apply."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from sim.benchmark.growth.points import run_apart

Result = TypeVar("Result")
ALL_AVX2 = "all, AVX2"  # as on a processor of 2013 to about 2020
ALL_SSE4 = "all, SSE4"  # as on one before 2013


class InstructionSet(NamedTuple):
    """Limits of one library, or of all."""

    name: str
    variables: Mapping[str, str]
    """Environment variables, which libraries read when they are loaded."""


def make_instruction_sets(numpy_features: Sequence[str]) -> tuple[InstructionSet, ...]:
    """Make the sets, from single libraries to all of them; without those that turn nothing off on this processor.

    Args:
        numpy_features: Instruction sets that NumPy applies on this processor, of which some are turned off.
    """
    all_off = {"NPY_DISABLE_CPU_FEATURES": " ".join(numpy_features)}
    wide_off = {"NPY_DISABLE_CPU_FEATURES": " ".join(each for each in numpy_features if _is_wide(each))}
    haswell, nehalem = {"OPENBLAS_CORETYPE": "Haswell"}, {"OPENBLAS_CORETYPE": "Nehalem"}
    aten, plain_aten = {"ATEN_CPU_CAPABILITY": "avx2"}, {"ATEN_CPU_CAPABILITY": "default"}
    onednn, plain_onednn = {"ONEDNN_MAX_CPU_ISA": "AVX2"}, {"ONEDNN_MAX_CPU_ISA": "SSE41"}
    mkl, plain_mkl = {"MKL_CBWR": "AVX2"}, {"MKL_CBWR": "COMPATIBLE"}
    libm = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"}
    llvmpipe = {"GALLIUM_OVERRIDE_CPU_CAPS": "sse4.1"}
    single = {
        "NumPy, AVX2": wide_off,
        "NumPy, SSE4": all_off,
        "OpenBLAS, Haswell": haswell,
        "OpenBLAS, Nehalem": nehalem,
        "llvmpipe, 128 bits": {"LP_NATIVE_VECTOR_WIDTH": "128"},
        "llvmpipe, 512 bits": {"LP_NATIVE_VECTOR_WIDTH": "512"},
        "llvmpipe, SSE4": llvmpipe,
        "libm, SSE2": libm,
        "ATen, AVX2": aten,
        "ATen, SSE2": plain_aten,
        "oneDNN, AVX2": onednn,
        "oneDNN, SSE4": plain_onednn,
        "MKL, AVX2": mkl,
        "MKL, compatible": plain_mkl,
    }
    together = {
        ALL_AVX2: {**wide_off, **haswell, **aten, **onednn, **mkl},
        ALL_SSE4: {**all_off, **nehalem, **plain_aten, **plain_onednn, **plain_mkl, **libm, **llvmpipe},
    }
    return tuple(InstructionSet(*each) for each in {**single, **together}.items() if all(each[1].values()))


def _is_wide(feature: str) -> bool:
    """Return whether a NumPy feature needs AVX-512."""
    return feature.startswith("AVX512") or feature == "X86_V4"


def run_under(variables: Mapping[str, str], function: Callable[..., Result], *arguments: object) -> Result:
    """Run a function in a new process with one thread and these environment variables, and return its result."""
    with _environment(variables):
        return run_apart(function, *arguments)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for processes that are started in this context."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
