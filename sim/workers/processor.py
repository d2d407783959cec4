"""The processor of a process, and the instruction sets that its numerical libraries apply on it."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

# Each makes a library apply other instructions than the processor's best, which changes last bits.
VARIABLES = (
    *("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY"),
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR", "GLIBC_TUNABLES"),
    *("LP_NATIVE_VECTOR_WIDTH", "GALLIUM_OVERRIDE_CPU_CAPS"),
)
_CORE_NAME = "scipy_openblas_get_corename64_"  # of the OpenBLAS in NumPy's wheels


@dataclass(frozen=True)
class Processor:
    """A processor, and what the libraries of a process make of it."""

    cpu: str
    """The processor's model name."""
    numpy: tuple[str, ...]
    """Instruction sets beyond its baseline for which NumPy has code and that it applies."""
    blas: str | None
    """The processor type whose kernels NumPy's OpenBLAS applies; None if it can't be told."""
    torch: str | None
    """Instruction set that PyTorch's own kernels apply; None if no policy loaded it."""
    variables: tuple[str, ...] = ()
    """Environment variables that limit instruction sets, as NAME=value, those that are set."""

    def __str__(self) -> str:
        applied = [f"NumPy {' '.join(self.numpy) or 'baseline'}", f"OpenBLAS {self.blas}", f"PyTorch {self.torch}"]
        return ", ".join([self.cpu, *(each for each in applied if not each.endswith(" None")), *self.variables])


def select_distinct(found: Iterable[Processor]) -> tuple[Processor, ...]:
    """Return each processor once, in order; one without PyTorch equals one that has it, as it depends on the policy."""
    distinct = dict.fromkeys(found)
    loaded = {replace(each, torch=None) for each in distinct if each.torch is not None}
    return tuple(each for each in distinct if each not in loaded)


def read_processor() -> Processor:
    """Read what the libraries that are loaded in this process apply."""
    torch = sys.modules.get("torch")
    return Processor(
        cpu=cpu_name(),
        numpy=_numpy_features(),
        blas=_blas_core(),
        torch=None if torch is None else str(torch.backends.cpu.get_cpu_capability()),
        variables=tuple(f"{name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name)),
    )


def cpu_name() -> str:
    """Return the processor's model name."""
    info = Path("/proc/cpuinfo")
    if sys.platform == "linux" and info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _numpy_features() -> tuple[str, ...]:
    found = np.show_config(mode="dicts")
    simd = found.get("SIMD Extensions", {}) if isinstance(found, dict) else {}
    return tuple(simd.get("found", ()))


def _blas_core() -> str | None:
    """Return the name of the kernels that the OpenBLAS in NumPy's wheel chose; None if NumPy has another BLAS."""
    from numpy.linalg import _umath_linalg

    try:
        name = getattr(ctypes.CDLL(_umath_linalg.__file__), _CORE_NAME)
    except (AttributeError, OSError):
        return None
    name.restype = ctypes.c_char_p
    return str(name().decode())
